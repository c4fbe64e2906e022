"""Puts an answer together from scored units: verbatim quotes, each followed by its citation."""

import re
from collections.abc import Mapping, Sequence

from tools.passages import NOT_FOUND
from tools.reading.question import Question
from tools.reading.score import Scored
from tools.reading.short import short_answer
from tools.reading.units import Unit

LEAST_SCORE = 8.0  # of the best unit; below it the passages are taken to hold no answer
_CLOSE = 1.5  # a further quote may score this much less than the best
_MOST_QUOTES = 3
_LONGEST_LIST = 10  # items


def compose(
    question: Question, ranked: Sequence[Scored], found: Sequence[Unit], weights: Mapping[str, float]
) -> str:
    """The answer, or NOT_FOUND if the best unit scores too low. ranked: best first; found: all in reading order."""
    if not ranked or ranked[0].score < LEAST_SCORE:
        return NOT_FOUND
    best = ranked[0]
    if question.wanted in ("steps", "list") and (listed := _list_around(best.clue.unit, found)):
        return _quote_list(listed)
    quotes = [cited(_readable(unit), unit) for unit in _quoted(ranked)]
    if short := short_answer(question, ranked, weights):
        return f"{cited(short, best.clue.unit)} {quotes[0]}"
    return " ".join(quotes)


def cited(text: str, unit: Unit) -> str:
    """The text as a sentence with the number of its passage."""
    closed = text if text.endswith((".", "!", "?", ":", ")", '"', "”")) else f"{text.rstrip(',;')}."
    return f"{closed} [{unit.passage + 1}]"


def _readable(unit: Unit) -> str:
    return re.sub(r"\s+", " ", unit.text)


def _quoted(ranked: Sequence[Scored]) -> list[Unit]:
    """The units worth a quote, best first: the best, and others that score nearly as well."""
    close = [other.clue.unit for other in ranked if other.score >= ranked[0].score - _CLOSE]
    return list({unit.text: unit for unit in close}.values())[:_MOST_QUOTES]


def _list_around(unit: Unit, found: Sequence[Unit]) -> list[Unit]:
    """The list that the unit belongs to or introduces, with its lead-in; [] if there is none."""
    place = found.index(unit)
    if unit.kind in ("item", "step"):
        member = unit
    elif (
        place + 1 < len(found)
        and found[place + 1].kind in ("item", "step")
        and found[place + 1].lead == unit.text
    ):
        member = found[place + 1]
    else:
        return []
    lead = [other for other in found if other.passage == member.passage and other.text == member.lead][-1:]
    items = [other for other in found if (other.passage, other.group) == (member.passage, member.group)]
    return [*lead, *items[:_LONGEST_LIST]]


def _quote_list(listed: Sequence[Unit]) -> str:
    lines = [
        f"{'- ' if unit.kind in ('item', 'step') else ''}{cited(_readable(unit), unit)}" for unit in listed
    ]
    return "\n".join(lines)
