"""The sentences of an answer as claims: their words, citations, and the hard facts that must be found."""

import re
from dataclasses import dataclass

from tools.reading.locate import CITATION, plain
from tools.sentences import sentence_spans

_MARKERS = re.compile(r"(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+\.?")
_BARE = re.compile(r"(?:yes|no)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, `text == answer[start:end]` with its markers, and `plain` without them."""

    text: str
    start: int
    end: int
    plain: str
    citations: tuple[int, ...]

    @property
    def bare(self) -> bool:
        """Nothing but yes or no."""
        return _BARE.fullmatch(self.plain) is not None


def split_claims(answer: str) -> list[Claim]:
    """The claims of an answer in order; a citation after a sentence's full stop belongs to that sentence."""
    spans: list[tuple[int, int]] = []
    for start, end in sentence_spans(answer):
        while spans and (marker := _MARKERS.match(answer, start, end)):
            spans[-1] = (spans[-1][0], marker.end())
            start = marker.end()
        start += len(answer[start:end]) - len(answer[start:end].lstrip())
        if start < end:
            spans.append((start, end))
    return [_claim(answer, start, end) for start, end in spans]


def _claim(answer: str, start: int, end: int) -> Claim:
    text = answer[start:end]
    numbers = [int(number) for found in CITATION.findall(text) for number in re.findall(r"\d+", found)]
    return Claim(text, start, end, plain(text), tuple(dict.fromkeys(numbers)))
