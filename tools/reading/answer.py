"""Reads an answer out of passages: weigh all units by their words, the best of them by meaning too, then quote."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.passages import Passage
from tools.reading.compose import compose
from tools.reading.question import Question, understand
from tools.reading.score import Clue, Scored, clues, question_weights, scored
from tools.reading.units import Unit, units

_SHORTLIST = 32  # units whose vectors are worth their time


@dataclass(frozen=True, slots=True)
class Reading:
    """A question over passages: its units in reading order, the weights of its terms, and one clue a unit."""

    question: Question
    units: list[Unit]
    weights: dict[str, float]
    clues: list[Clue]


def read(question: str, passages: Sequence[Passage]) -> Reading:
    """The first pass, by words alone."""
    asked = understand(question)
    found = units(passages)
    weights = question_weights(asked, found)
    return Reading(asked, found, weights, clues(asked, found, weights))


def shortlist(reading: Reading) -> list[Clue]:
    """The clues worth a vector, best first by words alone."""
    return sorted(reading.clues, key=lambda clue: -scored(clue, 0.0).score)[:_SHORTLIST]


def answer(reading: Reading, listed: Sequence[Clue], cosines: Sequence[float]) -> str:
    """The answer, given the cosine of each shortlisted unit to the question."""
    return compose(reading.question, rank(listed, cosines), reading.units, reading.weights)


def rank(listed: Sequence[Clue], cosines: Sequence[float]) -> list[Scored]:
    """The shortlisted units with their scores, best first."""
    pairs = zip(listed, cosines, strict=True)
    return sorted((scored(clue, cosine) for clue, cosine in pairs), key=lambda unit: -unit.score)
