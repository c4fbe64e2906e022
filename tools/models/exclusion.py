"""Why a deployment cannot take a request, in words."""

from collections.abc import Mapping, Sequence

from tools.models.entry import Entry
from tools.models.facts import GATEWAY, Facts, Live
from tools.models.policy import Rule


def mismatch(facts: Facts, entry: Entry) -> str | None:
    """Why the request is not meant for the entry, or None if it is."""
    if facts.asked is not None and facts.asked not in (entry.name, *entry.serves):
        return f"{facts.asked} is asked for"
    return kind(facts, entry)


def kind(facts: Facts, entry: Entry) -> str | None:
    """Why the entry does another kind of work, or None: roles bind nodes, not the gateway."""
    if facts.role != GATEWAY and facts.role not in entry.roles:
        return f"it does not serve the role {facts.role}"
    if not entry.chats and not facts.needs & entry.capabilities:
        return f"it does not chat: it is for {' and '.join(sorted(entry.capabilities))}"
    return None


def forbidden(entry: Entry, rules: Sequence[Rule]) -> str | None:
    """Why the rules keep the request from the entry; what an entry does not say of itself is not allowed."""
    for rule in rules:
        whose = _whose(rule)
        if entry.name in rule.deny:
            return f"the rules {whose} deny it"
        if rule.allow is not None and entry.name not in rule.allow:
            return f"the rules {whose} do not allow it"
        if rule.regions is not None and entry.region not in rule.regions:
            held = entry.region or "not known"
            return f"the rules {whose} want the region {_either(rule.regions)}; its own is {held}"
        if rule.retention is not None and entry.retention not in rule.retention:
            held = entry.retention or "not known"
            return f"the rules {whose} want the retention {_either(rule.retention)}; its own is {held}"
    return None


def unfit(facts: Facts, entry: Entry, live: Live, unavailable: Mapping[str, str]) -> str | None:
    """Why the entry cannot take the request now."""
    if entry.name in unavailable:
        return unavailable[entry.name]
    if missing := facts.needs - entry.capabilities:
        return f"it cannot do {' and '.join(sorted(missing))}"
    if reason := too_long(entry, facts.input_tokens, facts.max_output):
        return reason
    if live.is_open:
        return "it has failed too often just now; its circuit breaker is open"
    most = entry.limits.concurrent
    if most is not None and live.in_flight >= most:
        return f"it is busy: {live.in_flight} of {most} calls are in flight"
    if live.is_used_up:
        return "what its provider grants in a minute is used up"
    return None


def too_long(entry: Entry, input_tokens: int, max_output: int) -> str | None:
    """By how much a request exceeds the context, and what would fit; an answer is cut to what the entry can write."""
    if entry.context is None:
        return None
    written = min(max_output, entry.max_output or max_output)
    over = input_tokens + written - entry.context
    if over <= 0:
        return None
    fits = max(entry.context - written, 0)
    return (
        f"the context is too long by about {over:,} tokens: {input_tokens:,} of input and {written:,} for the answer, "
        f"where {entry.context:,} are all; {fits:,} of input would fit"
    )


def _whose(rule: Rule) -> str:
    parts = [("tenant", rule.tenant), ("group", rule.group)]
    return " and ".join(f"of the {kind} {name}" for kind, name in parts if name) or "for all"


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)
