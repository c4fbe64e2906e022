// What waits for this person: calls shown as they will be made, and what tools ask. Texts are never markup.

import { element } from "/page/element.js";
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
  box.append(element("p", "facts", facts));
  const form = one.form?.properties ? makeForm(one.form) : null;
  if (form) box.append(form.box);
  const ways = one.form ? [["Answer", form ? "edit" : "accept"], ["Decline", "ignore"]] : [["Accept", "accept"], ["Reject", "ignore"]];
  for (const [label, type] of ways) {
    const button = element("button", "", label);
    button.type = "button";
    button.addEventListener("click", () => answer(box, one.id, type, type === "edit" ? form.values() : null));
    box.append(button);
  }
  return box;
}

async function answer(box, id, type, args) {
  try {
    const { status, answers, needed } = await answerApproval(id, type, args);
    box.replaceChildren(status === "pending" ? `${answers} of ${needed} people have accepted it.` : `It was ${status}.`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    box.querySelector(".error")?.remove();
    box.append(element("p", "error", problem.message));
  }
  await look();
}

opener.addEventListener("click", show);
document.getElementById("close-approvals").addEventListener("click", () => dialog.close());
look();
setInterval(look, EVERY_MS);
