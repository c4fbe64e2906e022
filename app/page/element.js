// One element, its text as text: nothing that people, models or documents say is ever markup.

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function button(label, press) {
  const made = element("button", "", label);
  made.type = "button";
  made.addEventListener("click", () => press(made));
  return made;
}
