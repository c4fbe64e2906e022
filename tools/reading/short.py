"""The short form of an answer, a value or yes or no, told only when it is safe."""

import re
from collections.abc import Collection, Sequence

from tools.analyse import WORD, stem
from tools.reading.polarity import verdict
from tools.reading.question import Question
from tools.reading.reader import Read
from tools.reading.values import values

_TOLD = ("count", "amount", "duration", "frequency", "time", "person")  # a place is seldom one clear phrase
_SURE = 0.5  # how much the best unit must score above any other
_NEARER = 1.5  # how much nearer to the question's words a value must be than the next one
_POINTS_BACK = re.compile(
    r"(?:this|these|those|that|it|they|he|she|such|otherwise|then|there|both|in that case|in this case)\b",
    re.IGNORECASE,
)


def short_answer(question: Question, reads: Sequence[Read]) -> str | None:
    """The value asked for, "Yes" or "No", from the best unit; None when unsure or not asked for."""
    best, *others = sorted(reads, key=lambda read: -read.score)
    if any(best.score - other.score < _SURE for other in others[:1]):
        return None
    text = best.unit.text
    if question.wanted in _TOLD:
        return _value(text, values(text, question.wanted), {*question.terms, *question.topic})
    if question.wanted != "yes_no" or _POINTS_BACK.match(text):
        return None
    return verdict(question.text, text)


def _value(text: str, spans: Sequence[tuple[int, int]], asked: Collection[str]) -> str | None:
    """The only value, or the one clearly nearest to the question's words."""
    near = sorted(((_nearness(span, text, asked), span) for span in spans), reverse=True)
    if not near or (len(near) > 1 and near[0][0] <= _NEARER * near[1][0]):
        return None
    return text[slice(*near[0][1])]


def _nearness(span: tuple[int, int], text: str, asked: Collection[str]) -> float:
    """How many of the question's words stand around a value, each divided by its distance in words."""
    near = 0.0
    for match in WORD.finditer(text):
        if stem(match.group().lower()) in asked and not span[0] <= match.start() < span[1]:
            between = text[min(match.end(), span[1]) : max(match.start(), span[0])]
            near += 1 / (1 + len(between.split()))
    return near
