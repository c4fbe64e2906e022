"""Canary and shadow: which requests they get, drawn by a hash so that a run stays with what it drew."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from tools.models.facts import Candidate, Facts
from tools.models.policy import Rule, Share


def drawn(share: Share, purpose: str, share_key: str) -> bool:
    """Whether the request is among the share; each purpose and model draws for itself."""
    text = f"{purpose}\x1f{share.model}\x1f{share_key}".encode(errors="replace")
    return int.from_bytes(blake2b(text, digest_size=8).digest()) < share.share * 2**64


def first(shares: Iterable[Share | None]) -> Share | None:
    """The first that is set."""
    return next((share for share in shares if share is not None), None)


def with_canary(
    facts: Facts, ranked: Sequence[Candidate], rules: Sequence[Rule], failing: bool
) -> tuple[Candidate, ...]:
    """The canary first for its share of the requests, and last for the others; asked for by name it stays."""
    share = first(rule.canary for rule in rules)
    canary = next((one for one in ranked if share and one.entry.name == share.model), None)
    if share is None or canary is None or facts.asked == share.model:
        return tuple(ranked)
    others = tuple(one for one in ranked if one is not canary)
    part = f"{share.share:.1%} of the requests"
    if failing or not drawn(share, "canary", facts.share_key):
        reason = f"it is a canary for {part}, of which this is none"
        return (*others, Candidate(canary.entry, f"{reason}; {canary.reason}"))
    return (Candidate(canary.entry, f"it is a canary for {part}, of which this is one"), *others)
