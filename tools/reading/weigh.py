"""What speaks for each unit as the answer: the reader, the rank of its passage, the kind of value it holds, its length."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from tools.passages import Passage
from tools.reading.question import Question, understand
from tools.reading.reader import Read, read
from tools.reading.units import Unit
from tools.reading.values import values, wants_value

READER, RANK, FITS, LENGTH = 1.3, 1.7, 0.65, 0.5
"""Softmax regression on the questions whose pages the reader was not trained on."""
NO_ANSWER = -10.0
LONG_ENOUGH = 40
"""Words after which a longer unit is no better."""


async def weigh(question: str, passages: Sequence[Passage]) -> list[Read]:
    """Every unit that is read, in reading order, with a score that compares across passages."""
    asked, places = understand(question), ranks(passages)
    reads = await read(question, passages)
    if asked.topic:
        reads = _mean(reads, await read(asked.text, passages))
    weighed = [
        replace(one, score=READER * one.score + _beside(asked, one.unit, places[one.unit.passage]))
        for one in reads
    ]
    return _past_questions(weighed)


def _mean(whole: Sequence[Read], own: Sequence[Read]) -> list[Read]:
    """A follow-up counts with its topic and by itself: "and trainees? (days of leave)" is about trainees."""
    pairs = zip(whole, own, strict=True)
    return [replace(one, score=(one.score + other.score) / 2) for one, other in pairs]


def _past_questions(reads: Sequence[Read]) -> list[Read]:
    """A question in the text is no answer: its score goes to what follows it."""
    passed = list(reads)
    for place, (one, following) in enumerate(pairwise(reads)):
        if one.unit.text.endswith("?") and one.unit.passage == following.unit.passage:
            passed[place] = replace(one, score=min(one.score, NO_ANSWER))
            passed[place + 1] = replace(following, score=max(one.score, following.score))
    return passed


def ranks(passages: Sequence[Passage]) -> list[int]:
    """The rank of each passage, from 0: by score, and where scores are level by place."""
    order = sorted(range(len(passages)), key=lambda place: -passages[place].score)
    return [order.index(place) for place in range(len(passages))]


def _beside(question: Question, unit: Unit, rank: int) -> float:
    fits = not wants_value(question.wanted) or bool(values(unit.text, question.wanted))
    length = math.log(1 + min(len(unit.text.split()), LONG_ENOUGH))
    return RANK / (1 + rank) + FITS * fits + LENGTH * length
