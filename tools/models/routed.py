"""The decision for a call, from the catalog and what is seen now; errors where nobody can take it."""

from dataclasses import replace

from state.errors import KairosError
from tools.models.availability import reasons
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.facts import Decision
from tools.models.live import Statistics
from tools.models.routing import route
from tools.models.spent import Usage, nano_usd
from tools.models.watch import Loaded

NOT_ALLOWED = "this key is not allowed to call it"


def routed(call: Call, loaded: Loaded, statistics: Statistics) -> Decision:
    """Whom to try. Raises KairosError model_unknown, model_forbidden, context_too_long or model_unavailable."""
    known = {name for entry in loaded.entries.values() for name in (entry.name, *entry.serves)}
    if call.asked is not None and call.asked not in known:
        there = ", ".join(sorted(known))
        raise KairosError("model_unknown", f"There is no model {call.asked!r}; the catalog has: {there}.")
    if call.asked is not None and not _allows(call, call.asked):
        raise KairosError("model_forbidden", f"This key may not call the model {call.asked!r}.")
    entries = list(loaded.entries.values())
    unavailable = reasons(entries) | {
        entry.name: NOT_ALLOWED for entry in entries if not _allows(call, entry.name, *entry.serves)
    }
    decision = route(call.facts(), entries, statistics.now(loaded.entries), loaded.policy, unavailable)
    if not decision.candidates:
        raise _nobody(call, decision, loaded)
    return decision


def cheaper(call: Call, loaded: Loaded, statistics: Statistics, than: Entry) -> list[Entry]:
    """Every deployment that could answer for less than `than`, the dearest first."""
    limit = _dearest(call, than)
    anybody = replace(call, asked=None, id=call.id)
    decision = route(
        anybody.facts(),
        list(loaded.entries.values()),
        statistics.now(loaded.entries),
        loaded.policy,
        reasons(loaded.entries.values()),
    )
    able = [candidate.entry for candidate in decision.candidates]
    found = [e for e in able if e.priced and _dearest(call, e) < limit and _allows(call, e.name, *e.serves)]
    return sorted(found, key=lambda entry: _dearest(call, entry), reverse=True)


def _dearest(call: Call, entry: Entry) -> int:
    return nano_usd(entry, Usage(call.input_tokens, call.output_bound(entry))) or 0


def _allows(call: Call, *names: str) -> bool:
    return not call.caller.models or any(name in call.caller.models for name in names)


def _nobody(call: Call, decision: Decision, loaded: Loaded) -> KairosError:
    """Why, as the entries that were meant say."""
    asked = [
        (name, reason)
        for name, reason in decision.excluded
        if call.asked is None or call.asked in (name, *loaded.entries[name].serves)
    ]
    said = "; ".join(f"{name}: {reason}" for name, reason in asked) or "none serves it"
    if asked and all("context is too long" in reason for _, reason in asked):
        return KairosError("context_too_long", f"The request does not fit: {said}.")
    wanted = f"the model {call.asked!r}" if call.asked else f"a model for the role {call.role}"
    return KairosError("model_unavailable", f"Nothing can serve {wanted} now ({said}).")
