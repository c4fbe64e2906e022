"""Puts an answer together from scored units: verbatim quotes, each followed by its citation."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from tools.passages import NOT_FOUND
from tools.reading.polarity import verdict
from tools.reading.question import Question
from tools.reading.score import Scored
from tools.reading.units import Unit
from tools.reading.values import values
from tools.reading.weights import likeness

LEAST_SCORE = 8.0  # of the best unit; below it the passages are taken to hold no answer
_CLOSE = 1.5  # a further quote may score this much less than the best
_CLEAR = 0.5  # how much the best must score above the next, for a bare value, yes or no
_SURE_COSINE = 0.5  # to the question, for the same
_SURE_COVERAGE = 0.6  # of the question's weight, for a bare yes or no
_BARE = ("count", "amount", "duration", "frequency", "time", "person")  # a place is seldom one clear phrase
_MOST_QUOTES = 3
_LONGEST_LIST = 10  # items
_POINTS_BACK = re.compile(
    r"(?:this|these|those|that|it|they|he|she|such|otherwise|then|there|both|in that case|in this case)\b", re.IGNORECASE
)  # fmt: skip


def compose(
    question: Question, ranked: Sequence[Scored], found: Sequence[Unit], weights: Mapping[str, float]
) -> str:
    """The answer, or NOT_FOUND if the best unit scores too low. ranked: best first; found: all in reading order."""
    if not ranked or ranked[0].score < LEAST_SCORE:
        return NOT_FOUND
    best = ranked[0]
    if question.wanted in ("steps", "list") and (listed := _list_around(best.clue.unit, found)):
        return _quote_list(listed)
    if short := _short_value(question, ranked, weights) or _yes_or_no(question, ranked):
        return f"{cited(short, best.clue.unit)} {cited(_readable(best.clue.unit), best.clue.unit)}"
    return " ".join(cited(_readable(unit), unit) for unit in _quoted(ranked))


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


def _short_value(question: Question, ranked: Sequence[Scored], weights: Mapping[str, float]) -> str | None:
    """The value asked for, if the best unit is clearly best and holds one, or one much nearer to the question's words."""
    if question.wanted not in _BARE or not _is_clear(ranked):
        return None
    text = ranked[0].clue.unit.text
    spans = values(text, question.wanted)
    if len(spans) == 1:
        return text[slice(*spans[0])]
    near = sorted(((_nearness(span, text, weights), span) for span in spans), reverse=True)
    for (first, span), (second, _) in pairwise(near[:2]):
        if first > 1.5 * second:
            return text[slice(*span)]
    return None


def _nearness(span: tuple[int, int], text: str, weights: Mapping[str, float]) -> float:
    """How close the question's words stand to a value, in words."""
    from tools.analyse import STOP_WORDS, WORD, stem

    near = 0.0
    for match in WORD.finditer(text):
        word = match.group().lower()
        if word in STOP_WORDS or span[0] <= match.start() < span[1]:
            continue
        gap = text[min(match.end(), span[1]) : max(match.start(), span[0])]
        term = stem(word)
        weight = max((weights[asked] for asked in weights if likeness(asked, (term,)) == 1.0), default=0.0)
        near += weight / (1 + len(gap.split()))
    return near


def _yes_or_no(question: Question, ranked: Sequence[Scored]) -> str | None:
    best = ranked[0]
    if question.wanted != "yes_no" or best.clue.coverage < _SURE_COVERAGE or not _is_clear(ranked):
        return None
    return None if _POINTS_BACK.match(best.clue.unit.text) else verdict(question.text, best.clue.unit.text)


def _is_clear(ranked: Sequence[Scored]) -> bool:
    """Whether the best unit stands out from the next and is close in meaning."""
    gap = ranked[0].score - ranked[1].score if len(ranked) > 1 else _CLEAR
    return gap >= _CLEAR and ranked[0].cosine >= _SURE_COSINE
