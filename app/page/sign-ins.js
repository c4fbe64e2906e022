// Servers at which this person signs in, so that tools act as them. Where it leads is shown before anybody goes there.

import { button, element, tell } from "/page/element.js";
import { beginSignIn, Problem, signIns, signOut } from "/page/server.js";

const dialog = document.getElementById("sign-ins"), list = document.getElementById("servers");
const opener = document.getElementById("open-sign-ins");

async function look() {
  const servers = await signIns().catch(() => []);
  opener.hidden = servers.length === 0;
  return servers;
}

async function show() {
  list.replaceChildren(...(await look()).map(item));
  if (!dialog.open) dialog.showModal();
}

function item({ server, signed_in: signedIn, since }) {
  const box = element("div", "confirm");
  const facts = signedIn ? `signed in since ${new Date(since).toLocaleString()}` : "not signed in";
  const way = button(signedIn ? "Sign out" : "Sign in", () => attempt(box, signedIn ? leave : go, server));
  box.append(element("b", "", server), element("p", "facts", facts), way);
  return box;
}

async function attempt(box, act, server) {
  try {
    await act(box, server);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(box, problem.message);
  }
}

async function leave(box, server) {
  await signOut(server);
  await show();
}

// A link, since browsers open no page on their own once an answer has been waited for.
async function go(box, server) {
  const url = new URL(await beginSignIn(server));
  if (!["https:", "http:"].includes(url.protocol)) throw new Problem("This is no address of a page.");
  const link = element("a", "", `Go on at ${url.host}`);
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  box.querySelector("button").replaceWith(link);
}

opener.addEventListener("click", show);
document.getElementById("close-sign-ins").addEventListener("click", () => dialog.close());
window.addEventListener("focus", () => { if (dialog.open) show(); });
look();
