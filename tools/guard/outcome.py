"""What a policy makes of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from state.guard import Action, GuardVerdict, takes

WITHHELD = "[{} withheld]"
STOPPED = "[Stopped: {}]"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdicts on a text, in the order of the rules; those that are acted upon have no `dry_run`."""

    text: str
    verdicts: tuple[GuardVerdict, ...] = ()

    def of(self, action: Action) -> list[GuardVerdict]:
        """The verdicts that ask for this action, and not only in a dry run."""
        return [one for one in self.verdicts if takes(one, action)]

    @property
    def refusal(self) -> GuardVerdict | None:
        """The first verdict that refuses the text."""
        return next(iter(self.of("refuse")), None)

    @property
    def redacted(self) -> str:
        """The text with a plain note in the place of what is redacted; for good: nothing brings it back."""
        return withheld(self.text, self.of("redact"))


def withheld(text: str, verdicts: Sequence[GuardVerdict]) -> str:
    """The text with a note for each span; spans that overlap become one."""
    pieces: list[str] = []
    at = 0
    for one in sorted(verdicts, key=lambda one: (one["start"], -one["end"])):
        if one["start"] >= at:
            pieces += text[at : one["start"]], WITHHELD.format(one["rule"].lower().replace("_", " "))
        at = max(at, one["end"])
    return "".join((*pieces, text[at:]))


def stopped(refusal: GuardVerdict) -> str:
    """What ends a text that may not go on."""
    return STOPPED.format(refusal["sentence"])
