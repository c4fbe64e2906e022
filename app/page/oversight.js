// What is stopped and what went wrong in this tenant: seen by everybody it concerns, changed by operators.

import { button, element, tell } from "/page/element.js";
import { deadLetters, Problem, release, resumeTask, stop, switches } from "/page/server.js";

const EVERY_MS = 30_000;
const find = (id) => document.getElementById(id);
const dialog = find("oversight"), opener = find("open-oversight"), form = find("stop");
const { kind, name, reason } = form.elements;

async function look() {
  const problem = await failed(async () => show(await switches(), await deadLetters()));
  if (!problem) return;
  for (const id of ["stopped", "dead"]) find(id).replaceChildren(element("p", "error", problem));
}

function show({ switches: thrown, operator }, dead) {
  const counts = [[thrown.length, "stopped"], [dead.length, "went wrong"]].filter(([count]) => count);
  opener.hidden = !operator && !counts.length;
  opener.textContent = counts.map(([count, word]) => `${count} ${word}`).join(", ") || "Oversight";
  form.hidden = !operator;
  fill("stopped", thrown.map((one) => thrownSwitch(one, operator)), "Nothing is stopped.");
  fill("dead", dead.map(deadLetter), "Nothing went wrong.");
}

function fill(id, items, none) {
  find(id).replaceChildren(...(items.length ? items : [element("p", "", none)]));
}

function thrownSwitch(one, operator) {
  const what = one.kind === "tenant" ? "Everything" : `The ${one.kind} ${one.name}`;
  const box = item(`${what}: ${one.reason}`, `by ${one.principal}, since ${time(one.created_at)}`);
  if (operator) box.append(action("Release", box, () => release(one.kind, one.name)));
  return box;
}

function deadLetter(one) {
  const said = one.error ?? "Its process was lost.";
  const box = item(said, `for ${one.principal}, ${one.thread_id}, since ${time(one.updated_at)}`);
  box.append(action("Go on with it", box, () => resumeTask(one.thread_id)));
  return box;
}

function item(text, facts) {
  const box = element("div", "confirm", text);
  box.append(element("p", "facts", facts));
  return box;
}

function time(moment) {
  return new Date(moment).toLocaleString();
}

function action(label, box, done) {
  return button(label, async (pressed) => {
    pressed.disabled = true;
    const problem = await failed(done);
    if (!problem) return look();
    pressed.disabled = false;
    tell(box, problem);
  });
}

// What it fails with, as a sentence; nothing if it does not.
async function failed(done) {
  try {
    await done();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return problem.message;
  }
}

kind.addEventListener("change", () => {
  const everything = kind.value === "tenant";
  name.closest("label").hidden = everything;
  name.required = !everything;
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = await failed(() => stop(kind.value, name.value.trim(), reason.value));
  form.querySelector(".error").textContent = problem ?? "";
  if (problem) return;
  form.reset();
  kind.dispatchEvent(new Event("change"));
  await look();
});
opener.addEventListener("click", async () => {
  await look();
  dialog.showModal();
});
find("close-oversight").addEventListener("click", () => dialog.close());
look();
setInterval(look, EVERY_MS);
