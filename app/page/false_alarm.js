// What a guard did about a turn may have been for nothing: its asker says so, check by check.

import { button, element } from "/page/element.js";
import { checksOf, Problem, reportFalseAlarm } from "/page/server.js";

// A place for the buttons; they come once the server has said which checks something was done about.
export function falseAlarms(trace) {
  const place = element("div", "alarms");
  offer(place, trace);
  return place;
}

async function offer(place, trace) {
  const checks = await checksOf(trace).catch(() => []);
  for (const check of checks) {
    const which = checks.length > 1 ? ` (${check.replaceAll("_", " ")})` : "";
    place.append(button(`This was a false alarm${which}`, (pressed) => report(pressed, trace, check)));
  }
}

async function report(pressed, trace, check) {
  pressed.disabled = true;
  try {
    await reportFalseAlarm(trace, check);
    pressed.replaceWith(element("p", "facts", "Reported as a false alarm."));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    pressed.disabled = false;
    pressed.after(element("p", "error", problem.message));
  }
}
