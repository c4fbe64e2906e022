// A form from a JSON Schema of flat fields, as tools ask for them. Texts are never markup.

export function makeForm(schema) {
  const box = document.createElement("div");
  box.className = "form";
  const fields = Object.entries(schema.properties ?? {}).map(([name, about]) => {
    const label = document.createElement("label"), input = inputFor(about);
    label.append(about.title ?? name, input);
    if (about.description) label.title = about.description;
    box.append(label);
    return [name, about, input];
  });
  return { box, values: () => Object.fromEntries(fields.flatMap(filled)) };
}

function inputFor(about) {
  const options = about.enum ?? about.oneOf?.map((one) => one.const);
  const input = document.createElement(options ? "select" : "input");
  if (options) {
    input.append(...["", ...options].map((one) => new Option(one, one)));
    input.value = about.default ?? "";
  } else if (about.type === "boolean") {
    input.type = "checkbox";
    input.checked = about.default === true;
  } else {
    const types = { integer: "number", number: "number", date: "date", email: "email" };
    input.type = types[about.type] ?? types[about.format] ?? "text";
    if (about.type === "number") input.step = "any";
    input.value = about.default ?? "";
  }
  return input;
}

// What is left empty is left out; the server says whether that may be.
function filled([name, about, input]) {
  if (about.type === "boolean") return [[name, input.checked]];
  if (input.value === "") return [];
  if (about.type === "integer" || about.type === "number") return [[name, Number(input.value)]];
  if (about.type === "array") return [[name, input.value.split(",").map((one) => one.trim()).filter(Boolean)]];
  return [[name, input.value]];
}
