"""Puts an answer together from what the reader marked: verbatim quotes, each followed by its citation."""

import re
from collections.abc import Sequence

from tools.passages import NOT_FOUND
from tools.reading.question import Question
from tools.reading.reader import Read
from tools.reading.said import LEAST, probability
from tools.reading.short import short_answer
from tools.reading.units import Unit

CLOSE = (3.5, 1.5)
"""A second quote, and a third, may score this much less than the best one."""
LONGEST_LIST = 10  # items


def compose(question: Question, reads: Sequence[Read], of_clauses: Sequence[Sequence[Read]] = ()) -> str:
    """The answer, or NOT_FOUND where it is too unlikely that the passages say it.

    reads: all units in reading order; of_clauses: the same for each of several questions in one.
    """
    if not reads or probability(reads) < LEAST:
        return NOT_FOUND
    if of_clauses:
        return " ".join(cited(_readable(unit), unit) for unit in _one_each(reads, of_clauses))
    best = max(reads, key=lambda read: read.score)
    if question.wanted in ("steps", "list") and (listed := _list_around(best.unit, [r.unit for r in reads])):
        return _quote_list(listed)
    quotes = [cited(_readable(unit), unit) for unit in quoted(reads)]
    if short := short_answer(question, reads):
        return f"{cited(short, best.unit)} {quotes[0]}"
    return " ".join(quotes)


def quoted(reads: Sequence[Read]) -> list[Unit]:
    """The units worth a quote: the best one, and what scores nearly as well; neighbours stand in their order."""
    place = max(range(len(reads)), key=lambda n: reads[n].score)
    best, chosen = reads[place], [place]

    for other in sorted(set(range(len(reads))) - {place}, key=lambda n: -reads[n].score):
        if len(chosen) > len(CLOSE) or reads[other].score < best.score - CLOSE[len(chosen) - 1]:
            break
        if reads[other].unit.text != best.unit.text:
            chosen.insert(0 if other == place - 1 else len(chosen), other)
    return [reads[n].unit for n in chosen]


def _one_each(reads: Sequence[Read], of_clauses: Sequence[Sequence[Read]]) -> list[Unit]:
    """The best unit for each question, by what it says of that one and of the whole."""
    chosen: dict[str, Unit] = {}
    for own in of_clauses:
        pairs = zip(reads, own, strict=True)
        best = max(pairs, key=lambda pair: pair[0].score + pair[1].score)[0].unit
        chosen.setdefault(best.text, best)
    return list(chosen.values())


def cited(text: str, unit: Unit) -> str:
    """The text as a sentence with the number of its passage."""
    closed = text if text.endswith((".", "!", "?", ":", ")", '"', "”")) else f"{text.rstrip(',;')}."
    return f"{closed} [{unit.passage + 1}]"


def _readable(unit: Unit) -> str:
    return re.sub(r"\s+", " ", unit.text)


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
    return [*lead, *items[:LONGEST_LIST]]


def _quote_list(listed: Sequence[Unit]) -> str:
    lines = [
        f"{'- ' if unit.kind in ('item', 'step') else ''}{cited(_readable(unit), unit)}" for unit in listed
    ]
    return "\n".join(lines)
