"""Scores the units of passages as answers to a question: words shared, meaning, kind of answer, place."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.analyse import terms
from tools.reading.question import Question
from tools.reading.units import Unit
from tools.reading.values import values, wants_value
from tools.reading.weights import likeness, term_weights

_HEADING_SHARE = 0.8  # what a term is worth that stands above the unit, not in it
_PREVIOUS_SHARE = 0.5  # ... that stands in the sentence before
_TOPIC_SHARE = 0.5  # weight of a term of earlier turns
_LONG_ENOUGH = 40  # words after which a longer unit is no better


@dataclass(frozen=True, slots=True)
class Clue:
    """What the words of a unit say: shares (0 to 1) of the question's weight that the unit covers."""

    unit: Unit
    coverage: float  # in the unit, above it or just before it
    fits: bool  # holds a value of the kind asked for, or no value is asked for
    covered: frozenset[str]  # the question's terms in it or above it


@dataclass(frozen=True, slots=True)
class Scored:
    """A clue with its cosine to the question, and its score as the answer."""

    clue: Clue
    cosine: float
    score: float


def question_weights(question: Question, found: Sequence[Unit]) -> dict[str, float]:
    """The weight of each term of the question, from how many units hold it."""
    seen = [set(terms(f"{above(unit)} {unit.text}")) for unit in found]
    weights = term_weights((*question.terms, *question.topic), seen)
    return {
        term: weight * (_TOPIC_SHARE if term in question.topic else 1.0) for term, weight in weights.items()
    }


def clues(question: Question, found: Sequence[Unit], weights: Mapping[str, float]) -> list[Clue]:
    """One clue a unit, in the same order."""
    return [_clue(question, unit, weights) for unit in found]


def in_context(unit: Unit) -> str:
    """The text whose vector stands for a unit: its words behind the nearest headings and its lead-in."""
    return f"{' '.join(unit.headings[-2:])}: {unit.lead} {unit.text}"


def above(unit: Unit) -> str:
    """The words that stand over a unit: headings and lead-in."""
    return " ".join((*unit.headings, unit.lead))


def scored(clue: Clue, cosine: float) -> Scored:
    """The score of one unit: a weighted sum, fitted (logistic) on half of the development questions and rounded."""
    length = math.log(1 + min(len(clue.unit.text.split()), _LONG_ENOUGH))
    score = (
        2.0 * clue.coverage
        + 8.0 * cosine
        + 2.0 * clue.fits
        + 1.5 / (1 + clue.unit.passage)
        + 0.7 * (clue.unit.kind != "sentence")
        + 0.5 * length
        - 2.0 * clue.unit.text.endswith("?")
    )
    return Scored(clue, cosine, score)


def _clue(question: Question, unit: Unit, weights: Mapping[str, float]) -> Clue:
    own, higher, before = (set(terms(text)) for text in (unit.text, above(unit), unit.previous))
    inside = {term: likeness(term, own) for term in weights}
    around = {
        term: max(
            inside[term], _HEADING_SHARE * likeness(term, higher), _PREVIOUS_SHARE * likeness(term, before)
        )
        for term in weights
    }
    return Clue(
        unit,
        coverage=_share(around, weights),
        fits=not wants_value(question.wanted) or bool(values(unit.text, question.wanted)),
        covered=frozenset(term for term, degree in around.items() if degree > _PREVIOUS_SHARE),
    )


def _share(degrees: Mapping[str, float], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weights[term] * degree for term, degree in degrees.items()) / total if total else 0.0
