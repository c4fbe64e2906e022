"""The short form of an answer, a value or yes or no, told only when it is safe."""

import re
from collections.abc import Mapping, Sequence

from tools.analyse import WORD, stem
from tools.reading.polarity import verdict
from tools.reading.question import Question
from tools.reading.score import Scored
from tools.reading.values import values

_CLEAR = 0.5  # how much the best unit must score above the next
_SURE_COSINE = 0.5  # of the best unit to the question
_SURE_COVERAGE = 0.6  # of the question's weight, for yes or no
_NEARER = 1.5  # how much nearer to the question's words a value must be than the next one
_TOLD = ("count", "amount", "duration", "frequency", "time", "person")  # a place is seldom one clear phrase
_POINTS_BACK = re.compile(
    r"(?:this|these|those|that|it|they|he|she|such|otherwise|then|there|both|in that case|in this case)\b",
    re.IGNORECASE,
)


def short_answer(question: Question, ranked: Sequence[Scored], weights: Mapping[str, float]) -> str | None:
    """The value asked for, "Yes" or "No", from the best unit; None when unsure or not asked for."""
    if not _is_clear(ranked):
        return None
    best, text = ranked[0], ranked[0].clue.unit.text
    if question.wanted in _TOLD:
        return _value(text, values(text, question.wanted), weights)
    if question.wanted != "yes_no" or best.clue.coverage < _SURE_COVERAGE or _POINTS_BACK.match(text):
        return None
    return verdict(question.text, text)


def _is_clear(ranked: Sequence[Scored]) -> bool:
    """Whether the best unit stands out from the next and is close in meaning."""
    gap = ranked[0].score - ranked[1].score if len(ranked) > 1 else _CLEAR
    return gap >= _CLEAR and ranked[0].cosine >= _SURE_COSINE


def _value(text: str, spans: Sequence[tuple[int, int]], weights: Mapping[str, float]) -> str | None:
    """The only value, or the one clearly nearest to the question's words."""
    near = sorted(((_nearness(span, text, weights), span) for span in spans), reverse=True)
    if not near or (len(near) > 1 and near[0][0] <= _NEARER * near[1][0]):
        return None
    return text[slice(*near[0][1])]


def _nearness(span: tuple[int, int], text: str, weights: Mapping[str, float]) -> float:
    """The weight of the question's words around a value, each divided by its distance in words."""
    near = 0.0
    for match in WORD.finditer(text):
        weight = weights.get(stem(match.group().lower()), 0.0)
        if weight and not span[0] <= match.start() < span[1]:
            between = text[min(match.end(), span[1]) : max(match.start(), span[0])]
            near += weight / (1 + len(between.split()))
    return near
