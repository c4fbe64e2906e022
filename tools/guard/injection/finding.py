"""What the classifier says of a text."""

from dataclasses import dataclass
from typing import Literal

Rule = Literal["attack", "harmful", "context"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The worst of one rule in a text.

    score: the calibrated probability; threshold: from where it counts; start, end: characters of the text as it was
    written; how: the disguises that were taken off to read it.
    """

    rule: Rule
    score: float
    threshold: float
    start: int
    end: int
    how: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score >= self.threshold

    @property
    def margin(self) -> float:
        """Log-odds above the threshold, comparable across rules; 0 is the threshold."""
        from math import log

        return log(self.score / (1 - self.score)) - log(self.threshold / (1 - self.threshold))
