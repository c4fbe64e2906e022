"""A text is vetted while it is written: sentence by sentence, each before any of it is released."""

from collections.abc import Iterable

from state.guard import GuardVerdict
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.checks import checks
from tools.guard.cut import next_piece
from tools.guard.outcome import withheld
from tools.guard.policy.rules import Policy, Rule

TAIL = 300
"""Characters of what was released that are read again before the next sentence: violations may begin there."""
LONGEST = 20_000
"""Characters of a violation that goes on and on, such as a private key: it is read again from its beginning."""


class StreamGuard:
    """One text's: `feed` it as it comes, in any pieces, and `close` it; what they give may be read by anybody.

    The pieces it comes in change nothing of what is released. A rule that refuses ends it: nothing of that sentence
    is released, nor of what follows. Of a violation that begins in a released sentence the rest is withheld.
    Checks that need the whole text run in `close`, before its last sentences are released.
    """

    def __init__(self, policy: Policy, about: About, source: str = "answer") -> None:
        whole = tuple(rule for rule in policy.on("output") if _is_whole(rule))
        self._rules = in_parts(policy)
        self._whole_rules = policy.model_copy(update={"rules": whole})
        self._about, self._source = about, source
        self._all: list[str] = []
        self._text, self._before = "", 0  # what may still be read, and how much came before it
        self._tail, self._at = 0, 0  # in it: where reading begins, and what is done
        self._goes_on: int | None = None  # where the violation began in whose middle we are
        self._known: list[GuardVerdict] = []
        self.refusal: GuardVerdict | None = None
        self.verdicts: list[GuardVerdict] = []
        self.has_changed = False

    async def feed(self, text: str) -> str:
        """What may be released now."""
        self._take(text)
        return await self._released(is_whole=False)

    async def close(self, text: str = "") -> str:
        """What may be released at the end of the text."""
        self._take(text)
        if self._whole_rules.rules and self.refusal is None:
            whole = "".join(self._all)
            found = await apply(self._whole_rules, "output", whole, self._about, self._source)
            self._record(found.verdicts)
            self._known = found.of("redact")
            self._refuse(found.refusal)
        return await self._released(is_whole=True)

    def _take(self, text: str) -> None:
        self._before += self._tail
        self._text = self._text[self._tail :] + text
        self._at -= self._tail
        if self._goes_on is not None:
            self._goes_on -= self._tail
        self._tail = 0
        if self._whole_rules.rules:
            self._all.append(text)

    async def _released(self, is_whole: bool) -> str:
        found = []
        while self.refusal is None and self._at < len(self._text):
            if (piece := next_piece(self._text, self._at, is_whole)) is None:
                break
            found.append(await self._vetted(piece.end, piece.seen))
            self._tail = self._read_again_from()
        return "".join(found)

    async def _vetted(self, end: int, seen: int) -> str:
        """What may be released up to `end`, which is done then."""
        window = self._text[self._tail : seen]
        outcome = await apply(self._rules, "output", window, self._about, self._source)
        found = [_moved(one, self._tail) for one in outcome.verdicts]
        if outcome.refusal is not None:
            # Wherever it is in what was read: the rules behind this one were not asked any more.
            self._record(_moved(one, self._before) for one in found)
            self._refuse(outcome.refusal)
            return ""
        found = [one for one in found if one["end"] > self._at and one["start"] < end]
        self._record(_moved(one, self._before) for one in found)
        hidden = [one for one in found if one["action"] == "redact" and not one["dry_run"]]
        return self._without([*hidden, *self._known_before(end)], end)

    def _without(self, hidden: list[GuardVerdict], end: int) -> str:
        start, went_on = self._at, self._goes_on is not None
        self._at = end
        self._goes_on = min((one["start"] for one in hidden if one["end"] >= end), default=None)
        if not hidden:
            return self._text[start:end]
        self.has_changed = True
        if went_on:  # the note for this stands already
            start = max((min(one["end"], end) for one in hidden if one["start"] < start), default=start)
        if start == end:
            return ""
        inside = [_between(one, start, end) for one in hidden if one["end"] > start]
        return withheld(self._text[start:end], inside)

    def _known_before(self, end: int) -> list[GuardVerdict]:
        """What the checks of the whole text found in the next piece."""
        moved = (_moved(one, -self._before) for one in self._known)
        return [one for one in moved if one["end"] > self._at and one["start"] < end]

    def _read_again_from(self) -> int:
        """Never the middle of a word, but for one that has no end."""
        tail = max(self._at - TAIL, 0)
        if self._goes_on is not None:
            return max(min(tail, self._goes_on), self._at - LONGEST, 0)
        if tail == 0:
            return 0
        return next((at + 1 for at in range(tail, self._at) if self._text[at].isspace()), tail)

    def _refuse(self, verdict: GuardVerdict | None) -> None:
        if verdict is not None:
            self.refusal, self.has_changed = verdict, True

    def _record(self, verdicts: Iterable[GuardVerdict]) -> None:
        """One verdict a violation, in however many sentences it was seen."""
        for one in verdicts:
            same = (was for was in self.verdicts if _is_same(was, one))
            if (known := next(same, None)) is None:
                self.verdicts.append(one)
            else:
                known["end"] = max(known["end"], one["end"])


def in_parts(policy: Policy) -> Policy:
    """The policy without the checks that need a whole answer."""
    return policy.model_copy(update={"rules": tuple(rule for rule in policy.rules if not _is_whole(rule))})


def _is_whole(rule: Rule) -> bool:
    return checks()[rule.check].whole


def _moved(one: GuardVerdict, by: int) -> GuardVerdict:
    return {**one, "start": one["start"] + by, "end": one["end"] + by}


def _between(one: GuardVerdict, start: int, end: int) -> GuardVerdict:
    """Its part in a piece, in the piece's own offsets."""
    return {**one, "start": max(one["start"], start) - start, "end": min(one["end"], end) - start}


def _is_same(was: GuardVerdict, one: GuardVerdict) -> bool:
    return (was["check"], was["rule"], was["action"]) == (one["check"], one["rule"], one["action"]) and (
        was["start"] <= one["start"] < was["end"]
    )
