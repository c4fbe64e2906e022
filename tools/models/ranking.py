"""In which order deployments that can take a request are tried, and why."""

from collections.abc import Mapping, Sequence

from tools.models.entry import Entry
from tools.models.facts import Candidate, Facts, Live
from tools.models.policy import Order

FAILING = 0.5
"""An entry with a higher error rate goes behind those below it."""


def rank(
    facts: Facts, entries: Sequence[Entry], live: Mapping[str, Live], order: Order
) -> tuple[Candidate, ...]:
    """The entries by health, then by the policy's order; ties keep the order of the catalog."""
    ranked = []
    for place, entry in enumerate(entries):
        seen = live.get(entry.name) or Live()
        key, reason = _by(order, facts, entry, seen)
        failing = seen.error_rate > FAILING
        if failing:
            reason = f"{seen.error_rate:.0%} of its calls failed lately, so it stands behind; {reason}"
        ranked.append(((failing, *key, place), Candidate(entry, reason)))
    return tuple(candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0]))


def dollars(facts: Facts, entry: Entry) -> float | None:
    """What the request costs at most, in USD; None where there are no prices."""
    if entry.input_price is None or entry.output_price is None:
        return None
    written = min(facts.max_output, entry.max_output or facts.max_output)
    return (facts.input_tokens * entry.input_price + written * entry.output_price) / 1e6


def _by(order: Order, facts: Facts, entry: Entry, seen: Live) -> tuple[tuple[float, float], str]:
    if order == "cost":
        cost = dollars(facts, entry)
        if cost is None:
            return (1, 0), "its prices are not known, so it stands behind those with prices"
        return (0, cost), f"it costs at most ${cost:.6f}"
    if order == "latency":
        if seen.first_token_s is None:
            return (0, 0), "its first token has not been timed yet"
        return (1, seen.first_token_s), f"its first token takes about {seen.first_token_s:.2f} s"
    named = facts.asked == entry.name
    return (0 if named else 1, 0), "it is asked for by name" if named else "it is next in the catalog's order"
