"""Whether something stands in what the model was shown before it wrote."""

import re
from functools import cached_property

from tools.guard.addresses import addresses
from tools.guard.check import About
from tools.guard.normalise import normalise

_BREAK = re.compile(r"[\W_]++")
_NO_DIGIT = re.compile(r"\D++")
_MARKS = ".,;:!?()[]{}<>\"'`*_"
_MARKED = re.compile(r"[\d@]")
_NUMBER = re.compile(r"\+?\d(?:[\d \u00a0().\-/]{0,40}\d)?")
DIGITS = 6
"""A value with so many digits is the same however they are grouped."""


class Given:
    """The texts that a model was shown, for comparing values; case, blanks, marks and disguises do not count."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = texts
        self._words = tuple(_words(text) for text in texts)
        self._digits = tuple(_numbers(text) for text in texts)

    @cached_property
    def threes(self) -> frozenset[tuple[str, ...]]:
        """Every three words in a row."""
        parts = [text.split() for text in self._words]
        return frozenset(tuple(words[at : at + 3]) for words in parts for at in range(len(words) - 2))

    @cached_property
    def addresses(self) -> frozenset[str]:
        """What every address there leads to."""
        return frozenset(one.target for text in self._texts for one in addresses(normalise(text).text))

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Everything between blanks that has a digit or an @, without the marks around it."""
        parts = (part.strip(_MARKS) for text in self._texts for part in text.casefold().split())
        return frozenset(part for part in parts if _MARKED.search(part))

    def holds(self, value: str) -> bool:
        """Whether the words of the value stand there one after another, or its digits as one number."""
        words = _words(value)
        if words != " " and any(words in text for text in self._words):
            return True
        digits = _NO_DIGIT.sub("", normalise(value).text)
        return len(digits) >= DIGITS and any(digits in numbers for numbers in self._digits)


async def given(about: About) -> Given:
    """What this request's model was shown."""

    async def make() -> Given:
        return Given(about.given)

    return await about.memo.get("given", "", make)


def _words(text: str) -> str:
    """The words in lower case, a blank around each."""
    return f" {_BREAK.sub(' ', normalise(text).text).strip().casefold()} " if text.strip() else " "


def _numbers(text: str) -> frozenset[str]:
    """The digits of each number, however they are grouped."""
    return frozenset(_NO_DIGIT.sub("", match[0]) for match in _NUMBER.finditer(normalise(text).text))
