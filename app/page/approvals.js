// What waits for this person: calls shown as they will be made, and what tools ask. Texts are never markup.

import { button, element, tell } from "/page/element.js";
import { makeForm } from "/page/form.js";
import { plain } from "/page/plain.js";
import { answerApproval, pendingApprovals, Problem } from "/page/server.js";

const EVERY_MS = 30_000;
const dialog = document.getElementById("approvals"), list = document.getElementById("pending");
const opener = document.getElementById("open-approvals");

async function look() {
  const waiting = await pendingApprovals().catch(() => []);
  opener.hidden = waiting.length === 0;
  opener.textContent = `${waiting.length} waiting for you`;
  return waiting;
}

async function show() {
  const waiting = await look();
  list.replaceChildren(...waiting.map(item));
  if (!waiting.length) list.append(element("p", "", "Nothing waits for you."));
  if (!dialog.open) dialog.showModal();
}

function item(one) {
  const box = element("div", "confirm", plain(one.description));
  const facts = `for ${one.principal}, until ${new Date(one.expires_at).toLocaleString()}`;
  box.append(element("p", "facts", facts), ...(one.form ? question(box, one) : call(box, one)));
  return box;
}

// What a tool asks: a form to fill in, or a site to have been at.
function question(box, one) {
  const form = one.form.properties ? makeForm(one.form) : null;
  const given = () => (form ? answer(box, one.id, "edit", form.values()) : answer(box, one.id, "accept"));
  return [...(form ? [form.box] : []), button("Answer", given), button("Decline", () => answer(box, one.id, "ignore"))];
}

// A call: accepted as it is shown or with other arguments, or rejected, with a word to the agent where there is one.
function call(box, one) {
  const note = element("input");
  note.placeholder = "Why not? The agent is told.";
  note.maxLength = 2000;
  const reject = () => answer(box, one.id, note.value.trim() ? "response" : "ignore", note.value.trim() || null);
  return [
    button("Accept", () => answer(box, one.id, "accept")), button("Change", (pressed) => change(box, one, pressed)),
    button("Reject", reject), note,
  ];
}

function change(box, one, pressed) {
  const text = element("textarea");
  text.setAttribute("aria-label", "Arguments");
  text.value = JSON.stringify(one.arguments, null, 2);
  pressed.replaceWith(button("Accept as changed", () => changed(box, one.id, text.value)));
  box.querySelector("button").before(text);
}

async function changed(box, id, text) {
  let args;
  try {
    args = JSON.parse(text);
  } catch {
    return tell(box, "The arguments are no JSON.");
  }
  return answer(box, id, "edit", args);
}

async function answer(box, id, type, args) {
  try {
    const { status, answers, needed } = await answerApproval(id, type, args);
    box.replaceChildren(status === "pending" ? `${answers} of ${needed} people have accepted it.` : `It was ${status}.`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(box, problem.message);
  }
  await look();
}

opener.addEventListener("click", show);
document.getElementById("close-approvals").addEventListener("click", () => dialog.close());
look();
setInterval(look, EVERY_MS);
