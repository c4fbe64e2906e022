// One page: ask, watch the answer come, open what it rests on. Text from models and documents is never markup.

import { button, element } from "/page/element.js";
import { falseAlarms } from "/page/false_alarm.js";
import { makeForm } from "/page/form.js";
import { plain } from "/page/plain.js";
import { askStream, createThread, readDocument, Problem } from "/page/server.js";

const STEPS = {
  guard_input: "checked the question", confirm_question: "asked you", route_question: "understood it", understand: "planned the search",
  deepen: "asked for further queries", retrieve: "searched", rerank: "chose what to read",
  assess: "weighed the evidence", decline: "found no answer", generate: "wrote", judge: "verified", rewrite: "asked in other words", record: "recorded",
};
const find = (id) => document.getElementById(id);
const form = find("ask"), question = find("question"), turns = find("turns"), dialog = find("source");
let thread = sessionStorage.getItem("thread");

function addTurn(text) {
  find("start").hidden = true;
  const turn = element("li");
  const parts = { answer: element("p", "answer"), steps: element("p", "steps", "…"), after: element("div") };
  turn.append(element("p", "question", text), parts.steps, parts.answer, parts.after);
  turns.append(turn);
  turn.scrollIntoView({ block: "end" });
  return parts;
}

async function ask(text) {
  const parts = addTurn(text);
  const started = performance.now();
  const done = [];
  let given = { input: { question: text } };
  try {
    thread ??= await createThread();
    sessionStorage.setItem("thread", thread);
    for (;;) {
      const { final, waiting } = await follow(given, parts, done);
      if (!waiting) {
        if (!final?.answer) throw new Problem("The turn ended without an answer.");
        return show(parts, final, (performance.now() - started) / 1000);
      }
      const answers = [];
      for (const request of [waiting].flat()) {
        answers.push(await answered(parts, request));
      }
      given = { command: { resume: answers } };
    }
  } catch (problem) {
    if (!(problem instanceof Problem)) console.error(problem);
    const said = problem instanceof Problem ? problem.message : "The page failed; reload it and ask again.";
    parts.after.append(element("p", "error", said));
  }
}

// One stretch of a turn: until it ends, or waits for an answer of the asker's.
async function follow(given, parts, done) {
  let final = null, waiting = null;
  for await (const [event, data] of askStream(thread, given)) {
    if (event === "messages" && data[1].langgraph_node === "generate") parts.answer.append(data[0].content);
    if (event === "values") final = data;
    if (event === "error") throw new Problem(data.message);
    if (event !== "updates") continue;
    waiting = data.__interrupt__?.[0]?.value ?? waiting;
    done.push(...Object.keys(data).map((node) => STEPS[node]).filter(Boolean));
    parts.steps.textContent = done.join(" · ");
  }
  return { final, waiting };
}

function answered(parts, request) {
  return new Promise((resolve) => {
    const box = element("div", "confirm", plain(request.description));
    const form = request.form ? makeForm(request.form) : null;
    if (form) box.append(form.box);
    for (const [label, type] of [["Go on", form ? "edit" : "accept"], ["Leave it", "ignore"]]) {
      const args = () => (type === "edit" ? form.values() : null);
      box.append(button(label, () => { box.remove(); resolve({ type, args: args() }); }));
    }
    parts.after.append(box);
    box.scrollIntoView({ block: "nearest" });
  });
}

function show(parts, final, seconds) {
  parts.answer.replaceChildren(...withMarkers(final.answer, final.citations));
  parts.after.append(sources(final.citations), element("p", "facts", facts(final, seconds)), falseAlarms(final.trace_id));
  parts.after.scrollIntoView({ block: "nearest" });
}

function withMarkers(answer, citations) {
  return answer.split(/(\[\d+\])/).map((piece) => {
    const number = Number(/^\[(\d+)\]$/.exec(piece)?.[1]);
    const citation = citations.find((one) => one.number === number);
    return citation ? opener(element("button", "", String(number)), citation) : document.createTextNode(piece);
  });
}

function sources(citations) {
  const list = element("ul", "sources");
  for (const citation of citations) {
    const card = element("button");
    const also = citation.also_in?.length ? ` (also in ${citation.also_in.join(", ")})` : "";
    const place = (citation.page ? `${citation.document}, page ${citation.page}` : citation.document) + also;
    card.append(element("b", "", `${citation.number}  ${citation.title}`), element("span", "", place), citation.quote);
    const item = element("li");
    item.append(opener(card, citation));
    list.append(item);
  }
  return list;
}

function facts({ verdict, model, route }, seconds) {
  const verified = verdict.supported ? "every sentence is supported by its source"
    : verdict.declined ? "nothing in the documents supports an answer" : "what the sources do not support was withheld";
  return [route === "knowledge" ? verified : null, model === "none" ? null : model, `${seconds.toFixed(1)} s`]
    .filter(Boolean).join(" · ");
}

function opener(button, citation) {
  button.type = "button";
  button.title = `Open ${citation.title}`;
  button.addEventListener("click", () => open(citation));
  return button;
}

async function open(citation) {
  find("source-title").textContent = citation.title;
  find("source-path").textContent = citation.document;
  const box = find("source-text");
  box.replaceChildren("…");
  dialog.showModal();
  try {
    const source = await readDocument(citation.document_id, citation.version);
    find("source-path").replaceChildren(...place(citation, source));
    box.replaceChildren(...pages(source, citation));
    box.querySelector("mark").scrollIntoView({ block: "center" });
  } catch (problem) {
    box.replaceChildren(element("p", "error", problem.message));
  }
}

function place(citation, { version, newest, url, media_type: type }) {
  const said = [citation.document];
  if (citation.page) said.push(`${pageWord(type)} ${citation.page}`);
  if (version !== newest) said.push(`version ${version} of ${newest}: the document has changed since`);
  const nodes = [document.createTextNode(said.join(" · "))];
  if (url) nodes.push(" · ", original(citation, url, type));
  return nodes;
}

function pageWord(type) {
  return /presentation|powerpoint/.test(type) ? "slide" : /spreadsheet|excel/.test(type) ? "sheet" : "page";
}

// A browser opens a PDF at a page, and any other page at a text (URL Fragment Text Directives, WICG).
function original(citation, url, type) {
  const link = element("a", "", "open the original");
  const [first] = citation.quote.split("\n");
  const words = encodeURIComponent(first.slice(0, 80).replace(/\s\S*$/, "")).replaceAll("-", "%2D");
  link.href = `${url.split("#")[0]}#${type === "application/pdf" ? `page=${citation.page}` : `:~:text=${words}`}`;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

// The text with a line where each page begins, and what is cited marked. Offsets count code points.
function pages({ text, page_starts: starts, media_type: type }, { start, end }) {
  const characters = Array.from(text);
  const cuts = [...new Set([0, start, end, characters.length, ...starts])].sort((a, b) => a - b);
  const nodes = [];
  for (const [index, from] of cuts.entries()) {
    const page = starts.length > 1 ? starts.lastIndexOf(from) + 1 : 0;
    if (page) nodes.push(element("span", "page", `${pageWord(type)} ${page}`));
    const piece = characters.slice(from, cuts[index + 1] ?? from).join("");
    if (piece) nodes.push(from >= start && from < end ? element("mark", "", piece) : document.createTextNode(piece));
  }
  return nodes;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = question.value.trim();
  const button = form.querySelector("button");
  if (!text || button.disabled) return;
  button.disabled = true;
  question.value = "";
  await ask(text);
  button.disabled = false;
  question.focus();
});
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
find("examples").addEventListener("click", (event) => {
  if (event.target.tagName !== "BUTTON") return;
  question.value = event.target.textContent;
  form.requestSubmit();
});
find("new").addEventListener("click", () => {
  thread = null;
  sessionStorage.removeItem("thread");
  turns.replaceChildren();
  find("start").hidden = false;
  question.focus();
});
find("close").addEventListener("click", () => dialog.close());
question.focus();
