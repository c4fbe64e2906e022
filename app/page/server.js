// What the page asks of the server: threads, one streamed turn, and the source behind a citation.

export class Problem extends Error {}

async function call(path, body, method = body === undefined ? "GET" : "POST") {
  let response;
  try {
    response = await fetch(path, body === undefined ? { method } : {
      method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    throw new Problem("The server does not answer. Is it running?");
  }
  if (!response.ok) {
    const told = await response.json().catch(() => ({}));
    const problem = new Problem(told.error?.sentence ?? detail(told) ?? `The server refused this (${response.status}).`);
    problem.status = response.status;
    throw problem;
  }
  return response;
}

// What does not fit a schema is told as a list.
function detail({ detail: said }) {
  return Array.isArray(said) ? said.map(({ loc, msg }) => `${loc.at(-1)}: ${msg}`).join("; ") : said;
}

// A thread that the server lost in a restart is made again under its id: its checkpoints are in Postgres.
export async function createThread(id) {
  const body = id ? { thread_id: id, if_exists: "do_nothing", metadata: { graph_id: "assistant" } } : {};
  return (await (await call("/threads", body)).json()).thread_id;
}

export async function readDocument(id, version) {
  const which = version ? `?version=${encodeURIComponent(version)}` : "";
  return (await call(`/kairos/documents/${encodeURIComponent(id)}${which}`)).json();
}

export async function pendingApprovals() {
  return (await (await call("/kairos/approvals")).json()).approvals;
}

export async function answerApproval(id, type, args) {
  return (await call(`/kairos/approvals/${encodeURIComponent(id)}`, { type, args })).json();
}

export async function switches() {
  return (await call("/kairos/switches")).json();
}

// The tenant's switch has no name.
function switchPath(kind, name) {
  return `/kairos/switches/${[kind, ...(kind === "tenant" ? [] : [name])].map(encodeURIComponent).join("/")}`;
}

export async function stop(kind, name, reason) {
  await call(switchPath(kind, name), { reason }, "PUT");
}

export async function release(kind, name) {
  await call(switchPath(kind, name), undefined, "DELETE");
}

export async function deadLetters() {
  return (await (await call("/kairos/tasks")).json()).tasks;
}

export async function resumeTask(thread) {
  await call(`/kairos/tasks/${encodeURIComponent(thread)}/resume`, {});
}

// The checks that something was done about in a turn.
export async function checksOf(trace) {
  return (await (await call(`/guard/reports/${encodeURIComponent(trace)}`)).json()).checks;
}

export async function reportFalseAlarm(trace, check) {
  await call("/guard/reports", { trace_id: trace, check });
}

export async function signIns() {
  return (await (await call("/kairos/sign-ins")).json()).sign_ins;
}

export async function beginSignIn(server) {
  return (await (await call(`/kairos/sign-ins/${encodeURIComponent(server)}`, {})).json()).url;
}

export async function signOut(server) {
  await call(`/kairos/sign-ins/${encodeURIComponent(server)}`, {}, "DELETE");
}

// Yields [event, data] of one turn. `given` is { input: { question } }, or { command: { resume } } to answer a run
// that waits.
export async function* askStream(thread, given) {
  const body = {
    assistant_id: "assistant", ...given, stream_mode: ["messages-tuple", "values", "updates"],
    multitask_strategy: "reject",
  };
  const path = `/threads/${thread}/runs/stream`;
  let response;
  try {
    response = await call(path, body);
  } catch (problem) {
    if (problem.status !== 404) throw problem;
    await createThread(thread);
    response = await call(path, body);
  }
  yield* events(response.body.pipeThrough(new TextDecoderStream()));
}

// Server-sent events (WHATWG HTML, section 9.2).
async function* events(stream) {
  let rest = "";
  const reader = stream.getReader();
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch {
      throw new Problem("The connection was lost; ask again to go on.");
    }
    if (part.done) return;
    const blocks = (rest + part.value.replaceAll("\r", "")).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
      }));
      if (fields.event && fields.data) yield [fields.event, JSON.parse(fields.data)];
    }
  }
}
