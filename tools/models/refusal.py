"""What is said where routing finds nobody."""

from collections.abc import Sequence

from state.errors import KairosError
from tools.models.entry import Entry
from tools.models.exclusion import mismatch, too_long
from tools.models.facts import Decision, Facts


def refusal(facts: Facts, entries: Sequence[Entry], decision: Decision) -> KairosError:
    """The error for a decision without candidates.

    Code `model_unknown`; `model_context_exceeded`, which says by how much and what would fit; or `model_unavailable`
    with the reason of each entry that was meant.
    """
    names = {entry.name for entry in entries} | {name for entry in entries for name in entry.serves}
    if facts.asked is not None and facts.asked not in names:
        there = ", ".join(sorted(names))
        return KairosError("model_unknown", f"There is no model {facts.asked!r}; the catalog has: {there}.")
    meant = [entry for entry in entries if mismatch(facts, entry) is None]
    reasons = dict(decision.excluded)
    long = [
        entry
        for entry in meant
        if reasons[entry.name] == too_long(entry, facts.input_tokens, facts.max_output)
    ]
    if long:
        roomiest = max(long, key=lambda entry: entry.context or 0)
        return KairosError(
            "model_context_exceeded", f"For the model {roomiest.name!r} {reasons[roomiest.name]}."
        )
    what = f"model {facts.asked!r}" if facts.asked else f"role {facts.role}"
    told = "; ".join(f"{entry.name}: {reasons[entry.name]}" for entry in meant) or _why_not(
        facts, entries, reasons
    )
    return KairosError("model_unavailable", f"No model is available for the {what} ({told}).")


def _why_not(facts: Facts, entries: Sequence[Entry], reasons: dict[str, str]) -> str:
    """The reasons of those that bear the name, where their kind of work is another."""
    named = [entry for entry in entries if facts.asked in (entry.name, *entry.serves)]
    return "; ".join(f"{entry.name}: {reasons[entry.name]}" for entry in named) or "none serves it"
