"""Texts that hide what they say: encoded, invisible, written backwards or in look-alike letters.

Unicode Technical Report 36 (bidirectional controls, invisible characters), Technical Standard 39 (mixed scripts).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tools.guard.check import About, Check, Hit
from tools.guard.confusables import LATIN
from tools.guard.injection.closed import off_loop
from tools.guard.readings import readings
from tools.guard.view import View

Encoding = Literal["base64", "hex", "rot13", "url", "html", "spaced", "leet"]
Kind = Literal[
    "base64", "hex", "rot13", "url", "html", "spaced", "leet", "nested", "bidi", "invisible", "look_alikes"
]
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
USUAL: tuple[Kind, ...] = ("base64", "hex", "rot13", "nested", "bidi", "invisible", "look_alikes")
"""Not addresses with %20, entities in HTML, "MP3" or "U S A", which honest texts hold."""

# Overrides turn any text round; the other controls belong to right-to-left scripts.
_OVERRIDE = re.compile("[\u202d\u202e]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Between Latin letters they have no use; tags stand after the black flag of emoji only (ten at most).
_INVISIBLE = re.compile("(?<=[A-Za-z])[\u00ad\u034f\u180e\u200b-\u200f\u2060-\u2064\ufeff]++(?=[A-Za-z])")
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]++")
_STRANGE = re.compile("[" + "".join(letter for letter in LATIN if "\u0370" <= letter <= "\u052f") + "]")
_WORD = re.compile(r"[^\W\d_]{2,}+")
_PLAIN = re.compile(r"[A-Za-z]")


class Options(BaseModel):
    """kinds: what counts. invisible, look_alikes: how many of them are no accident.

    nested: something encoded in what was encoded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[Kind, ...] = Field(USUAL, min_length=1)
    invisible: int = Field(3, gt=0)
    look_alikes: int = Field(3, gt=0)


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """One hit of a kind: from its first place in the text to its last."""
    found = await readings(text, about)
    return await off_loop(len(text), _find, text, found, options)


def _find(text: str, found: Sequence[View], options: Options) -> list[Hit]:
    hits = [*_encoded(text, found)]
    for kind, places in _WRITTEN.items():
        least = {"invisible": options.invisible, "look_alikes": options.look_alikes}.get(kind, 1)
        spans = list(places(text)) if not text.isascii() else []
        if len(spans) >= least:
            hits.append(Hit(kind, spans[0][0], spans[-1][1]))
    return [hit for hit in hits if hit.rule in options.kinds]


def _encoded(text: str, found: Sequence[View]) -> Iterator[Hit]:
    """Each way in which something was encoded, once."""
    told: set[str] = set()
    for view in found[1:]:
        ways = [how for how in view.how if how in ENCODINGS]
        for rule in {ways[-1], *(["nested"] if len(ways) > 1 else [])} - told:
            told.add(rule)
            yield Hit(rule, *_changed(text, view))


def _changed(text: str, view: View) -> tuple[int, int]:
    """From the first character that reads otherwise to the last."""
    first, last = 0, len(view.text)
    while first < last - 1 and _same(text, view, first):
        first += 1
    while last > first + 1 and _same(text, view, last - 1):
        last -= 1
    return view.span(first, last)


def _same(text: str, view: View, at: int) -> bool:
    start, end = view.span(at, at + 1)
    return text[start:end] == view.text[at]


Spans = Iterator[tuple[int, int]]


def _bidi(text: str) -> Spans:
    pattern = _OVERRIDE if _RIGHT_TO_LEFT.search(text) else _BIDI
    return (match.span() for match in pattern.finditer(text))


def _invisible(text: str) -> Spans:
    """Each such character by itself, wherever it stands."""
    for match in sorted((*_INVISIBLE.finditer(text), *_TAGS.finditer(text)), key=lambda match: match.start()):
        yield from ((at, at + 1) for at in range(*match.span()))


def _look_alikes(text: str) -> Spans:
    """Cyrillic and Greek letters in words with Latin ones."""
    for word in _WORD.finditer(text):
        if _PLAIN.search(word[0]):
            yield from (match.span() for match in _STRANGE.finditer(text, *word.span()))


_WRITTEN: dict[Kind, Callable[[str], Spans]] = {
    "bidi": _bidi,
    "invisible": _invisible,
    "look_alikes": _look_alikes,
}

CHECK = Check(
    "disguise",
    frozenset({"input", "passage", "tool"}),
    find,
    "disguised",
    "This text hides part of what it says; please write it in plain letters.",
    Options,
)
