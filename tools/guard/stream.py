"""A text is vetted while it is written: sentence by sentence, each before any of it is released."""

from collections import deque
from collections.abc import Iterable

from state.guard import GuardVerdict, takes
from tools.guard.apply import apply
from tools.guard.begun import begun
from tools.guard.check import About
from tools.guard.checks import checks
from tools.guard.cut import next_piece
from tools.guard.outcome import Outcome, withheld
from tools.guard.policy.rules import Policy, Rule

TAIL = 200
"""Characters of what was released that are read again before the next sentence: violations may begin there."""
LONGEST = 20_000
"""Characters of a violation that goes on and on, such as a private key: it is read again from its beginning."""


class StreamGuard:
    """One text's: `feed` it as it comes, in any pieces, and `close` it; what they give may be read by anybody.

    The pieces it comes in change nothing of what is released. A rule that refuses ends it: nothing of that sentence
    is released, nor of what follows. Of a violation that begins in a released sentence the rest is withheld; a
    sentence whose end may be the beginning of the canary waits for the next one.
    Checks that need the whole text run in `close`, before its last sentences are released.
    """

    def __init__(self, policy: Policy, about: About, source: str = "answer") -> None:
        whole = tuple(rule for rule in policy.on("output") if _is_whole(rule))
        self._policy, self._rules = policy, in_parts(policy)
        self._whole_rules = policy.model_copy(update={"rules": whole})
        self._about, self._source = about, source
        self._reach = _reach(self._rules) if about.canary else 0
        self._all: list[str] = []
        # Places are those of the whole text, of which only what may be read again is kept.
        self._text, self._before = "", 0
        self._tail, self._at, self._out = 0, 0, 0  # read again from here; vetted, released up to there
        self._looked = 0  # up to here no further sentence ends
        self._ends: deque[int] = deque()
        self._hidden: list[GuardVerdict] = []
        self._goes_on: int | None = None  # where the violation began in whose middle the next sentence begins
        self.refusal: GuardVerdict | None = None
        self.verdicts: list[GuardVerdict] = []
        self.has_changed = False

    async def feed(self, text: str) -> str:
        """What may be released now."""
        self._take(text)
        return await self._released(is_whole=False)

    async def close(self, text: str = "") -> str:
        """What may be released at the end of the text; one that comes whole is looked at once, if nothing is found."""
        if self._before + len(self._text) == 0 and await self._is_clean(text):
            return text
        self._take(text)
        if self._whole_rules.rules and self.refusal is None:
            whole = "".join(self._all)
            self._act_on(await apply(self._whole_rules, "output", whole, self._about, self._source), 0)
        return await self._released(is_whole=True)

    async def _is_clean(self, text: str) -> bool:
        return not (await apply(self._policy, "output", text, self._about, self._source)).verdicts

    def _take(self, text: str) -> None:
        self._text = self._text[self._tail - self._before :] + text
        self._before = self._tail
        if self._whole_rules.rules:
            self._all.append(text)

    async def _released(self, is_whole: bool) -> str:
        found = []
        while self.refusal is None and self._at < self._before + len(self._text):
            piece, looked = next_piece(
                self._text, self._at - self._before, self._looked - self._before, is_whole
            )
            self._looked = looked + self._before
            if piece is None:
                break
            end, seen = piece.end + self._before, piece.seen + self._before
            await self._vet(end, seen)
            found.append(self._release(self._at - self._may_have_begun()))
            self._tail = self._read_again_from()
        if is_whole:
            found.append(self._release(self._at))
        return "".join(found)

    def _may_have_begun(self) -> int:
        if self._reach == 0:
            return 0
        vetted = self._text[max(self._tail, self._out - self._reach) - self._before : self._at - self._before]
        return begun(vetted, self._about.canary, self._reach)

    async def _vet(self, end: int, seen: int) -> None:
        window = self._text[self._tail - self._before : seen - self._before]
        outcome = await apply(self._rules, "output", window, self._about, self._source)
        self._act_on(outcome, self._tail, end)
        self._at = end
        self._ends.append(end)

    def _act_on(self, outcome: Outcome, start: int, end: int | None = None) -> None:
        """Note what was found in a text that begins at `start`; what is released already, or lies behind, is not."""
        found = [_moved(one, start) for one in outcome.verdicts]
        # A refusal counts wherever it is in what was read: the rules behind it were not asked any more.
        self.refusal = next((_moved(one, start) for one in outcome.of("refuse")), None)
        if self.refusal is None:
            found = [one for one in found if one["end"] > self._out and (end is None or one["start"] < end)]
        self._record(found)
        self._hidden += (one for one in found if takes(one, "redact"))
        self.has_changed = self.has_changed or bool(self._hidden) or self.refusal is not None

    def _release(self, before: int) -> str:
        """The vetted sentences that end there, without what is hidden; nothing from a refusal on."""
        if self.refusal is not None:
            before = min(before, self.refusal["start"])
        start = end = self._out
        while self._ends and self._ends[0] <= before:
            end = self._ends.popleft()
        if end == start:
            return ""
        hidden = [one for one in self._hidden if one["end"] > start and one["start"] < end]
        goes_on, self._out = self._goes_on is not None, end
        self._goes_on = min((one["start"] for one in hidden if one["end"] >= end), default=None)
        self._hidden = [one for one in self._hidden if one["end"] > end]
        if goes_on:  # the note for this stands already
            start = max((min(one["end"], end) for one in hidden if one["start"] < start), default=start)
        text = self._text[start - self._before : end - self._before]
        return (
            withheld(text, [_between(one, start, end) for one in hidden if one["end"] > start])
            if text
            else ""
        )

    def _read_again_from(self) -> int:
        """Never the middle of a word, but for one that has no end."""
        tail = max(min(self._at - TAIL, self._out), self._before)
        if self._goes_on is not None:
            return max(min(tail, self._goes_on), self._at - LONGEST, self._before)
        if tail == 0:
            return 0
        text = self._text
        blanks = (at for at in range(tail - self._before, self._out - self._before) if text[at].isspace())
        return next((at + 1 + self._before for at in blanks), tail)

    def _record(self, verdicts: Iterable[GuardVerdict]) -> None:
        """One verdict a violation, in however many sentences it was seen."""
        for one in verdicts:
            same = (was for was in self.verdicts if _is_same(was, one))
            if (known := next(same, None)) is None:
                self.verdicts.append(_moved(one, 0))
            else:
                known["end"] = max(known["end"], one["end"])


def in_parts(policy: Policy) -> Policy:
    """The policy without the checks that need a whole answer."""
    return policy.model_copy(update={"rules": tuple(rule for rule in policy.rules if not _is_whole(rule))})


def _reach(policy: Policy) -> int:
    return max((checks()[rule.check].reach for rule in policy.on("output")), default=0)


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
