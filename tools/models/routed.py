"""The decision for a call, from the catalog and what is seen now; errors where nobody can take it."""

from dataclasses import replace

from state.errors import KairosError
from tools.models.availability import reasons
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.facts import Decision
from tools.models.live import Statistics
from tools.models.refusal import refusal
from tools.models.routing import route
from tools.models.spent import Usage, nano_usd
from tools.models.watch import Loaded

NOT_ALLOWED = "this key is not allowed to call it"


def routed(call: Call, loaded: Loaded, statistics: Statistics) -> Decision:
    """Whom to try. Raises KairosError model_forbidden, or as `refusal` says."""
    if call.asked is not None and not _allows(call, call.asked):
        raise KairosError("model_forbidden", f"This key may not call the model {call.asked!r}.")
    entries = list(loaded.entries.values())
    unavailable = reasons(entries) | {
        entry.name: NOT_ALLOWED for entry in entries if not _allows(call, entry.name, *entry.serves)
    }
    facts = call.facts()
    decision = route(facts, entries, statistics.now(loaded.entries), loaded.policy, unavailable)
    if not decision.candidates:
        raise refusal(facts, entries, decision)
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
    return not call.caller.identity.models or any(name in call.caller.identity.models for name in names)
