"""What the text offers for a parameter: values with the places they stand in."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from tools.acting.extracting.dates import Moment, moments
from tools.acting.extracting.numbers import Number, numbers
from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.phrases import Phrase, linked, phrases
from tools.acting.extracting.text import Text, content_stems

_BRACKETS = re.compile(
    r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]|\((?:\s*-?[\d.]+\s*,)+\s*-?[\d.]+\s*\)|\{[^{}]*\}"
)
_SECONDS = {
    "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000, "year": 31_536_000,
}  # fmt: skip
_CODES = {
    "euro": "EUR", "us dollar": "USD", "u.s. dollar": "USD", "american dollar": "USD", "dollar": "USD", "british pound": "GBP",
    "pound sterling": "GBP", "pound": "GBP", "japanese yen": "JPY", "yen": "JPY", "canadian dollar": "CAD", "swiss franc": "CHF",
    "australian dollar": "AUD", "chinese yuan": "CNY", "yuan": "CNY", "indian rupee": "INR", "rupee": "INR", "mexican peso": "MXN",
    "swedish krona": "SEK", "norwegian krone": "NOK", "danish krone": "DKK", "polish zloty": "PLN",
}  # fmt: skip
_CURRENCY = re.compile(
    rf"\b(?:{'|'.join(re.escape(name) for name in sorted(_CODES, key=len, reverse=True))})s?\b", re.IGNORECASE
)
_FORMS = frozenset({"date", "time", "date-time", "email", "uri"})
_LIMITS = frozenset(
    "pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems".split()
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URI = re.compile(r"https?://[^\s\"'<>]+[^\s\"'<>.,;:!?)]")
_NEGATIONS = frozenset("not no without exclud don doesn ignor except avoid skip neither isn aren".split())
_GENERIC = frozenset(
    "includ is has have should show want return get set allow us use enabl with add need requir".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """start, end: the span it rests on, -1 where it rests on none. notes: what a scorer may be told of it."""

    start: int
    end: int
    value: Any
    kind: str
    unit: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Task:
    """What was read of a task, once for all parameters."""

    text: Text
    today: date
    numbers: list[Number] = field(init=False)
    moments: list[Moment] = field(init=False)
    phrases: list[Phrase] = field(init=False)
    brackets: list[tuple[int, int, Any]] = field(init=False)

    def __post_init__(self) -> None:
        said = self.text.text
        self.numbers, self.moments = numbers(said), moments(said, self.today)
        self.phrases, self.brackets = phrases(self.text), list(_bracketed(said))


def read(said: str, today: date) -> Task:
    """The task, read."""
    return Task(Text(said), today)


def candidates(task: Task, parameter: Parameter) -> list[Candidate]:
    """What may be meant for the parameter and fits its schema, without "nothing"."""
    found = _formed(task, parameter) if parameter.form in _FORMS else _offered(task, parameter)
    if not _LIMITS & parameter.schema.keys():
        return found
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(
        {name: parameter.schema[name] for name in _LIMITS & parameter.schema.keys()}
    )
    return [one for one in found if validator.is_valid(one.value)]


def _formed(task: Task, parameter: Parameter) -> list[Candidate]:
    """Strings of a format (JSON Schema validation, 7.3): days, times, moments, addresses."""
    said = task.text.text
    if parameter.form in ("email", "uri"):
        pattern = _EMAIL if parameter.form == "email" else _URI
        return [Candidate(*match.span(), match[0], parameter.form) for match in pattern.finditer(said)]
    if parameter.form != "date-time":
        return [
            Candidate(one.start, one.end, one.iso, one.kind)
            for one in task.moments
            if one.kind == parameter.form
        ]
    return [Candidate(start, end, value, "date-time") for start, end, value in _date_times(task)]


def _date_times(task: Task) -> Iterator[tuple[int, int, str]]:
    """Each time with the day that stands nearest to it before, or else after."""
    days = [one for one in task.moments if one.kind == "date"]
    for one in task.moments:
        if one.kind == "time" and days:
            before = [day for day in days if day.start < one.start]
            yield one.start, one.end, f"{(before or days)[-1 if before else 0].iso}T{one.iso}:00"


def _offered(task: Task, parameter: Parameter) -> list[Candidate]:
    match parameter.kind:
        case "integer" | "number":
            return list(_numeric(task, parameter))
        case "boolean":
            return list(_flags(task, parameter))
        case "array":
            return list(_lists(task, parameter))
        case "object":
            return [
                Candidate(s, e, value, "object") for s, e, value in task.brackets if isinstance(value, dict)
            ]
        case _:
            return list(_strings(task, parameter))


def _bracketed(text: str) -> Iterator[tuple[int, int, Any]]:
    for match in _BRACKETS.finditer(text):
        try:
            value = ast.literal_eval(match[0])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            inner = [one.strip(" '\"") for one in match[0][1:-1].split(",")]
            if match[0][0] != "[" or not all(inner):
                continue
            value = inner
        yield *match.span(), list(value) if isinstance(value, tuple) else value


def _numeric(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    whole = parameter.kind == "integer"
    for number in task.numbers:
        for value, note in _readings(number, parameter):
            if not whole or value == int(value):
                notes = (note,) if note else ()
                yield Candidate(
                    number.start, number.end, int(value) if whole else value, number.kind, number.unit, notes
                )


def _readings(number: Number, parameter: Parameter) -> Iterator[tuple[float, str]]:
    yield number.value, "as written" if number.kind == "percent" else ""
    if number.kind == "percent":
        yield round(number.value / 100, 12), "share"
    given, wanted = number.unit.removesuffix("s"), _time_unit(parameter)
    if given in _SECONDS and wanted and given != wanted:
        yield round(number.value * _SECONDS[given] / _SECONDS[wanted], 6), "converted"


def _time_unit(parameter: Parameter) -> str:
    """The one unit of time that a parameter is described by."""
    found = {unit for unit in _SECONDS if unit in parameter.name} or {
        unit for unit in _SECONDS if unit in parameter.about
    }
    return found.pop() if len(found) == 1 else ""


def _flags(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    """True and false, told how much of the name the text says, and whether something near it says no."""
    wanted = [stem for stem in parameter.name if stem not in _GENERIC] or list(parameter.name)
    places = [at for stem in wanted for at in _near_stems(task.text, stem)]
    share = sum(bool(list(_near_stems(task.text, stem))) for stem in wanted) / max(1, len(wanted))
    near = {task.text.stems[max(0, at - back)] for at in places for back in range(1, 6)}
    said = "said" if share >= 0.99 else "partly" if share >= 0.5 else "unsaid"
    notes = (said, "negated" if near & _NEGATIONS else "plain", f"default {parameter.default[:5]}")
    span = task.text.spans[places[0]] if places else (-1, -1)
    for value in (True, False):
        yield Candidate(*span, value, f"flag {value}", notes=notes)


def _near_stems(text: Text, wanted: str) -> Iterable[int]:
    """Where the stem stands, or one that begins like it."""
    if wanted in text.places:
        return text.places[wanted]
    if len(wanted) < 5:
        return ()
    head = wanted[: max(5, len(wanted) - 2)]
    return [at for stem, places in text.places.items() if stem.startswith(head) for at in places]


def _options(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    """Options of the schema or the description that the text names, in part at least."""
    for option in parameter.options:
        stems = content_stems(str(option).replace("_", " "))
        found = [(stem, list(_near_stems(task.text, stem))) for stem in stems]
        share = sum(bool(places) for _, places in found) / len(stems) if stems else 0.0
        if stems and share >= 0.5:
            at = next(places[0] for _, places in found if places)
            note = "all of it" if share == 1 else "part of it"
            kind = "option" if parameter.closed else "named option"
            yield Candidate(*task.text.spans[at], option, kind, notes=(note,))
        elif not stems and re.search(rf"(?<!\w){re.escape(str(option))}(?!\w)", task.text.text):
            at_character = task.text.text.index(str(option))
            yield Candidate(
                at_character, at_character + len(str(option)), option, "option", notes=("all of it",)
            )
        elif parameter.closed and str(option).lower() == parameter.default:
            yield Candidate(-1, -1, option, "default option")


def _strings(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    yield from _options(task, parameter)
    if parameter.closed:
        return
    yield from _currencies(task, parameter)
    for moment in task.moments:
        yield Candidate(moment.start, moment.end, moment.iso, moment.kind)
        raw = task.text.text[moment.start : moment.end]
        yield Candidate(moment.start, moment.end, raw, f"{moment.kind} as written")
    for number in task.numbers:
        raw = task.text.text[number.start : number.end]
        yield Candidate(number.start, number.end, raw, f"{number.kind} as string", number.unit)
    for phrase in task.phrases:
        yield Candidate(phrase.start, phrase.end, phrase.value, phrase.kind, notes=(phrase.part,))


def _currencies(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    """ISO 4217 codes of the currencies that are named."""
    if not {"currenc", "exchang"} & {*parameter.name, *parameter.about}:
        return
    for match in _CURRENCY.finditer(task.text.text):
        said = " ".join(match[0].lower().split()).removesuffix("s")
        yield Candidate(*match.span(), _CODES[said], "currency")


def _lists(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    for start, end, value in task.brackets:
        if isinstance(value, list):
            yield Candidate(start, end, _as_items(value, parameter), "brackets")
    if parameter.items in ("integer", "number"):
        yield from _number_lists(task, parameter)
    elif parameter.items in ("string", ""):
        if parameter.closed:
            named = [one for one in _options(task, parameter) if one.start >= 0]
            if named:
                named.sort(key=lambda one: one.start)
                yield Candidate(named[0].start, named[-1].end, [one.value for one in named], "options")
            return
        yield from _phrase_lists(task)


def _as_items(value: list[Any], parameter: Parameter) -> list[Any]:
    if parameter.items == "integer":
        return [int(one) if isinstance(one, float) and one == int(one) else one for one in value]
    return [str(one) for one in value] if parameter.items == "string" else value


def _number_lists(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    whole = parameter.items == "integer"
    usable = [one for one in task.numbers if not whole or one.value == int(one.value)]
    for group in [*_groups(task, usable), *_ranges(task, usable)]:
        values = [int(one.value) if whole else one.value for one in group]
        notes = ("several" if len(group) > 1 else "single",)
        yield Candidate(group[0].start, group[-1].end, values, "numbers", group[-1].unit, notes)


def _ranges(task: Task, found: Sequence[Number]) -> Iterator[list[Number]]:
    """The two ends of "from 3 to 5", "x=1 to x=3"."""
    for low, high in pairwise(found):
        between = task.text.text[low.end : high.start]
        if re.fullmatch(r"\s*\w{0,10}\s*(?:to|until|-|–)\s*(?:\w\s?=\s?)?", between):
            yield [low, high]


def _phrase_lists(task: Task) -> Iterator[Candidate]:
    marked = [one for one in task.phrases if one.kind in ("quoted", "names", "code")]
    plain = [one for one in task.phrases if one.kind == "phrase" and one.part == "whole"]
    tails = [one for one in task.phrases if one.kind == "phrase" and one.part == "end"]
    heads = [one for one in task.phrases if one.kind == "phrase" and one.part == "start"]
    seen = set()
    for pool in (marked, plain):
        for group in _groups(task, _outermost(pool)):
            key = (group[0].start, group[-1].end)
            if key not in seen:
                seen.add(key)
                notes = ("several" if len(group) > 1 else "single", group[0].part)
                yield Candidate(*key, [one.value for one in group], f"{group[0].kind} list", notes=notes)
                if len(group) > 1:
                    yield from _trimmed(group, tails, heads)
    for one in (*tails, *heads):
        yield Candidate(one.start, one.end, [one.value], "phrase list", notes=("single", one.part))


def _trimmed(
    group: Sequence[Phrase], tails: Sequence[Phrase], heads: Sequence[Phrase]
) -> Iterator[Candidate]:
    """The same list, its first phrase begun later or its last ended sooner."""
    inner = [one.value for one in group[1:]]
    for one in tails:
        if one.end == group[0].end and one.start > group[0].start:
            yield Candidate(
                one.start, group[-1].end, [one.value, *inner], "phrase list", notes=("several", "end")
            )
    for one in heads:
        if one.start == group[-1].start and one.end < group[-1].end:
            values = [*(each.value for each in group[:-1]), one.value]
            yield Candidate(group[0].start, one.end, values, "phrase list", notes=("several", "start"))


def _outermost(found: Sequence[Phrase]) -> list[Phrase]:
    """Without those that lie within another."""
    kept: list[Phrase] = []
    for one in sorted(found, key=lambda phrase: (phrase.start, -phrase.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _groups(task: Task, found: Sequence[Any]) -> Iterator[list[Any]]:
    """Neighbours with nothing but commas and "and" between them."""
    group: list[Any] = []
    for one in found:
        if group and not linked(task.text, group[-1].end, one.start):
            yield group
            group = []
        group.append(one)
    if group:
        yield group
