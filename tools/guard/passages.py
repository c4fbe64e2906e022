"""What the policies say of passages, before a model is shown any."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from state.guard import GuardVerdict
from state.identity import Identity
from state.passages import PassageData
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.outcome import Outcome
from tools.guard.policy.choosing import policy_for
from tools.guard.shown import above, blackened, shown

if TYPE_CHECKING:
    from tools.guard.injection.finding import Finding
    from tools.guard.policy.rules import Policy

REMEMBERED = 8_192
"""Texts whose verdicts are kept, about 1 kB each where there are any."""

Key = tuple[str, str, str, bytes]

_recent: OrderedDict[Key, tuple[GuardVerdict, ...]] = OrderedDict()


async def guarded(
    identity: Identity, passages: Sequence[PassageData], most: int
) -> tuple[list[PassageData], list[GuardVerdict]]:
    """The first `most` passages that may be read, with bars over what is redacted, and all verdicts on the way.

    Each is held against the policy of its collection. A verdict's `source` is the passage's id, its span in the
    passage's text; 0 to 0 is above it, in the title or a heading.
    """
    kept: list[PassageData] = []
    verdicts: list[GuardVerdict] = []
    for passage in passages:
        if len(kept) == most:
            break
        found = await _outcome(identity, passage)
        verdicts += (_placed(one, passage) for one in found.verdicts)
        if found.refusal is None:
            spans = [(one["start"], one["end"]) for one in found.of("redact")]
            kept.append(blackened(passage, spans) if spans else passage)
    return kept, verdicts


async def _outcome(identity: Identity, passage: PassageData) -> Outcome:
    """What the policy of the passage's collection says of it, or said of the same text a while ago."""
    policy = await policy_for(identity.tenant, passage.get("collection"))
    text = shown(passage["title"], passage["headings"], passage["text"])
    mark = blake2b(text.encode(errors="replace"), digest_size=16).digest()
    key = (identity.tenant, policy.name, policy.hash, mark)
    if key in _recent:
        _recent.move_to_end(key)
        return Outcome(text, _recent[key])
    about = About(identity=identity, finding=_stored(policy, passage))
    found = await apply(policy, "passage", text, about)
    if not any(one["code"] == "check_failed" for one in found.verdicts):
        _recent[key] = tuple(GuardVerdict(**{**one, "ms": 0.0}) for one in found.verdicts)
        if len(_recent) > REMEMBERED:
            _recent.popitem(last=False)
    return found


def forget() -> None:
    """Forget what was said of all texts: checks may have changed."""
    _recent.clear()


def _stored(policy: Policy, passage: PassageData) -> Finding | None:
    """What was found when the chunk was stored, if the guard is still the same; else the text is looked at now."""
    if not any(rule.check == "instructions" for rule in policy.on("passage")):
        return None
    from tools.guard.injection.finding import Finding
    from tools.guard.injection.network import load, version

    suspicion = passage.get("suspicion")
    if suspicion is None or suspicion["by"] != version():
        return None
    threshold = load().thresholds["context"]
    return Finding("context", suspicion["score"], threshold, suspicion["start"], suspicion["end"])


def _placed(verdict: GuardVerdict, passage: PassageData) -> GuardVerdict:
    before = above(passage)
    start, end = max(0, verdict["start"] - before), max(0, verdict["end"] - before)
    return {**verdict, "source": passage["id"], "start": start, "end": end}
