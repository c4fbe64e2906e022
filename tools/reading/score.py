"""Scores the units of passages as answers to a question: words shared, meaning, kind of answer, place."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tools.analyse import terms
from tools.reading.question import Question
from tools.reading.units import Unit
from tools.reading.values import values, wants_value
from tools.reading.weights import likeness, term_weights

_HEADING_SHARE = 0.8  # what a term is worth that stands above the unit, not in it
_PREVIOUS_SHARE = 0.5  # ... that stands in the sentence before
_TOPIC_SHARE = 0.5  # weight of a term of earlier turns


@dataclass(frozen=True, slots=True)
class Clue:
    """What the words of a unit say: shares (0 to 1) of the question's weight that the unit covers."""

    unit: Unit
    coverage: float  # in the unit, above it or just before it
    own: float  # in the unit itself
    fits: bool  # holds a value of the kind asked for, or no value is asked for
    covered: frozenset[str]  # the question's terms in it or above it


@dataclass(frozen=True, slots=True)
class Scored:
    """A clue with its cosine to the question and its score, a log-odds-like number."""

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


def above(unit: Unit) -> str:
    """The words that stand over a unit: headings and lead-in."""
    return " ".join((*unit.headings, unit.lead))


def scored(clue: Clue, cosine: float) -> Scored:
    """The score of one unit: a weighted sum, fitted on half of the development questions and rounded."""
    length = math.log(1 + min(len(clue.unit.text.split()), 40))
    score = (
        2.0 * clue.coverage
        + 3.0 * cosine
        + 0.5 * clue.fits
        + 0.8 / (1 + clue.unit.passage)
        + 0.5 * length
    )
    return Scored(clue, cosine, score)


def _clue(question: Question, unit: Unit, weights: Mapping[str, float]) -> Clue:
    own, higher, before = (set(terms(text)) for text in (unit.text, above(unit), unit.previous))
    inside = {term: likeness(term, own) for term in weights}
    around = {
        term: max(inside[term], _HEADING_SHARE * likeness(term, higher), _PREVIOUS_SHARE * likeness(term, before))
        for term in weights
    }
    return Clue(
        unit,
        coverage=_share(around, weights),
        own=_share(inside, weights),
        fits=not wants_value(question.wanted) or bool(values(unit.text, question.wanted)),
        covered=frozenset(term for term, degree in around.items() if degree > _PREVIOUS_SHARE),
    )


def _share(degrees: Mapping[str, float], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weights[term] * degree for term, degree in degrees.items()) / total if total else 0.0


def missing_weight(weights: Mapping[str, float], present: Collection[str]) -> float:
    """Share of the question's weight whose terms are nowhere in `present`."""
    return 1.0 - _share({term: likeness(term, present) for term in weights}, weights)


def confidence(best: Scored, missing: float) -> float:
    """How likely (0 to 1) the best unit answers the question; fitted and rounded like the score."""
    odds = 4.0 * best.clue.coverage + 6.0 * best.cosine - 3.0 * missing + 0.5 * best.clue.fits - 4.0
    return 1 / (1 + math.exp(-odds))
