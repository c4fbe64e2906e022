"""Which deployments are tried for a request, in which order, and why: a pure function."""

from collections import deque
from collections.abc import Mapping, Sequence

from tools.models.entry import Entry
from tools.models.exclusion import forbidden, kind, mismatch, unfit
from tools.models.facts import Candidate, Decision, Facts, Live
from tools.models.policy import Policy, Rule
from tools.models.ranking import FAILING, rank
from tools.models.shares import drawn, first, with_canary

__all__ = ["Candidate", "Decision", "Facts", "Live", "route"]

_NOTHING: Mapping[str, str] = {}


def route(
    facts: Facts,
    entries: Sequence[Entry],
    live: Mapping[str, Live],
    policy: Policy,
    unavailable: Mapping[str, str] = _NOTHING,
) -> Decision:
    """Candidates in order, each entry that is none with its reason, and the shadow.

    `live` may lack entries that were not called yet; `unavailable` says by name which entries lack a key or a package
    (`availability.reasons`). A fallback takes the place of an entry that cannot serve now or for which the request is
    too much, never of one that the rules keep the request from. Raises nothing.
    """
    rules = policy.rules_for(facts.tenant, facts.groups)
    reasons = {entry.name: _reason(facts, entry, live, rules, unavailable) for entry in entries}
    meant = {entry.name: mismatch(facts, entry) for entry in entries}
    _set_extractive_aside(facts, entries, meant)
    able = [entry for entry in entries if meant[entry.name] is None and reasons[entry.name] is None]
    ranked = rank(facts, able, live, policy.order)
    canary = first(rule.canary for rule in rules)
    failing = canary is not None and (live.get(canary.model) or Live()).error_rate > FAILING
    candidates = with_canary(facts, ranked, rules, failing)
    waiting = [entry for entry in entries if meant[entry.name] is None and not forbidden(entry, rules)]
    candidates += _fallbacks(candidates, waiting, entries, reasons, policy)
    chosen = {candidate.entry.name for candidate in candidates}
    excluded = tuple(
        (entry.name, meant[entry.name] or reasons[entry.name] or "")
        for entry in entries
        if entry.name not in chosen
    )
    return Decision(candidates, excluded, _shadow(facts, candidates, entries, reasons, rules))


def _reason(
    facts: Facts,
    entry: Entry,
    live: Mapping[str, Live],
    rules: Sequence[Rule],
    unavailable: Mapping[str, str],
) -> str | None:
    """Why the entry cannot take the request, whoever was asked for."""
    seen = live.get(entry.name) or Live()
    return kind(facts, entry) or forbidden(entry, rules) or unfit(facts, entry, seen, unavailable)


def _set_extractive_aside(facts: Facts, entries: Sequence[Entry], meant: dict[str, str | None]) -> None:
    """Quotes never cover up that a configured model cannot answer."""
    of_role = [entry for entry in entries if meant[entry.name] is None]
    if facts.asked is None and any(entry.provider != "extractive" for entry in of_role):
        for entry in of_role:
            if entry.provider == "extractive":
                meant[entry.name] = "it answers only where no other model is configured"


def _fallbacks(
    candidates: Sequence[Candidate],
    waiting: Sequence[Entry],
    entries: Sequence[Entry],
    reasons: Mapping[str, str | None],
    policy: Policy,
) -> tuple[Candidate, ...]:
    """The fallbacks of the candidates, then of entries that were meant and cannot serve, then their own."""
    known = {entry.name: entry for entry in entries}
    seen = {candidate.entry.name for candidate in candidates}
    origins = deque(
        [*(one.entry.name for one in candidates), *(e.name for e in waiting if e.name not in seen)]
    )
    found = []
    tried = set(origins)
    while origins:
        origin = origins.popleft()
        for name in policy.fallbacks.get(origin, ()):
            if name in tried or name not in known:
                continue
            tried.add(name)
            origins.append(name)
            if reasons[name] is None:
                cause = reasons.get(origin)
                instead = f", which cannot serve: {cause}" if cause else ""
                found.append(Candidate(known[name], f"it is a fallback of {origin}{instead}"))
    return tuple(found)


def _shadow(
    facts: Facts,
    candidates: Sequence[Candidate],
    entries: Sequence[Entry],
    reasons: Mapping[str, str | None],
    rules: Sequence[Rule],
) -> Entry | None:
    """Who gets a copy of the request: any entry that could take it, but the one that is tried first."""
    share = first(rule.shadow for rule in rules)
    if share is None or not candidates or not drawn(share, "shadow", facts.share_key):
        return None
    entry = next((entry for entry in entries if entry.name == share.model), None)
    if entry is None or reasons[entry.name] is not None or entry is candidates[0].entry:
        return None
    return entry
