// One element, its text as text: nothing that people, models or documents say is ever markup.

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// What went wrong, as the last thing in a box; only the latest is told.
export function tell(box, sentence) {
  box.querySelector(".error")?.remove();
  box.append(element("p", "error", sentence));
}

export function button(label, press) {
  const made = element("button", "", label);
  made.type = "button";
  made.addEventListener("click", () => press(made));
  return made;
}
