"""Candidates of parameters with one value: numbers, flags, options and strings."""

import re
from collections.abc import Iterable, Iterator

from tools.acting.extracting.numbers import Number
from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.patterns import written
from tools.acting.extracting.phrases import WHOLE, inside
from tools.acting.extracting.task import Candidate, Task
from tools.acting.extracting.text import Text, content_stems

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
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_AMOUNT = re.compile(r"\d[\d.,]*(?:\s?(?:[kKMB]|hundred|thousand|million|billion|mn|bn)\b)?")
_NEGATIONS = frozenset("not no without exclud don doesn ignor except avoid skip neither isn aren".split())
_GENERIC = frozenset(
    "includ is has have should show want return get set allow us use enabl with add need requir".split()
)


def numeric(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    whole = parameter.kind == "integer"
    lists = [span for *span, value in task.brackets if task.text.text[span[0]] == "["]
    for number in task.numbers:
        if any(start < number.start < end for start, end in lists):
            continue
        for value, note in _readings(number, parameter):
            if not whole or value == int(value):
                notes = (note,) if note else ()
                start, end = _digits(task.text.text, number)
                yield Candidate(start, end, int(value) if whole else value, number.kind, number.unit, notes)


def _digits(text: str, number: Number) -> tuple[int, int]:
    """Where an amount of money stands without its currency, which may be another parameter's value."""
    said = text[number.start : number.end]
    if number.kind != "money" or (match := _AMOUNT.search(said)) is None:
        return number.start, number.end
    return number.start + match.start(), number.start + match.end()


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


def flags(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    """True and false, told how much of the name the text says, and whether something near it says no."""
    wanted = [stem for stem in parameter.name if stem not in _GENERIC] or list(parameter.name)
    places = [at for stem in wanted for at in _near_stems(task.text, stem)]
    share = sum(bool(list(_near_stems(task.text, stem))) for stem in wanted) / max(1, len(wanted))
    near = {task.text.stems[max(0, at - back)].partition("'")[0] for at in places for back in range(1, 6)}
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


def options(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    """Options of the schema or the description that the text names, in part at least."""
    for option in parameter.options:
        stems = content_stems(str(option).replace("_", " "))
        found = [(stem, list(_near_stems(task.text, stem))) for stem in stems]
        share = sum(bool(places) for _, places in found) / len(stems) if stems else 0.0
        if stems and share >= 0.5:
            at = next(places[0] for _, places in found if places)
            exact = str(option).lower().replace("_", " ") in task.text.text.lower()
            note = "as written" if exact else "all of it" if share == 1 else "part of it"
            kind = "option" if parameter.closed else "named option"
            yield Candidate(*task.text.spans[at], option, kind, notes=(note,))
        elif not stems and re.search(rf"(?<!\w){re.escape(str(option))}(?!\w)", task.text.text):
            at_character = task.text.text.index(str(option))
            yield Candidate(
                at_character, at_character + len(str(option)), option, "option", notes=("all of it",)
            )
        elif parameter.closed and str(option).lower() == parameter.default:
            yield Candidate(-1, -1, option, "default option")


def strings(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    yield from options(task, parameter)
    if parameter.closed:
        return
    yield from _currencies(task, parameter)
    yield from _units(task, parameter)
    for moment in task.moments:
        yield Candidate(moment.start, moment.end, written(moment, parameter), moment.kind)
        raw = task.text.text[moment.start : moment.end]
        yield Candidate(moment.start, moment.end, raw, f"{moment.kind} as written")
    wholes = [(one.start, one.end) for one in task.phrases if one.kind in WHOLE]
    for number in task.numbers:
        if any(inside(number.start, number.end, whole) for whole in wholes):
            continue
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
    for match in re.finditer(r"[€$£¥]", task.text.text):
        yield Candidate(*match.span(), _SIGNS[match[0]], "currency")


def _units(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    """The words after numbers, for a parameter that is called a unit."""
    if "unit" in parameter.name:
        for number in task.numbers:
            at = task.text.text.lower().find(number.unit, number.end) if number.unit else -1
            if number.end <= at <= number.end + 1:
                yield Candidate(at, at + len(number.unit), number.unit, "unit")
