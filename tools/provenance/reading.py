"""A text as it is compared: without case, blanks and punctuation; what it names is looked up when first asked for."""

import re
from decimal import Decimal
from functools import cached_property

from tools.provenance import dates, forms
from tools.provenance.numbers import numbers

_WORD = re.compile(r"[^\W_]+")
SHARED = 12
"""Letters and digits in a row that two texts hardly share by chance."""
STRIDE = 4
STEM = 5
_HITS = 1000
_FOLDERS = re.compile(r"""(?<![^\s"'`(])(?:[^\s/\\"'`(]*+[/\\])++""")


def words(text: str) -> list[str]:
    """Runs of letters and digits, in lower case."""
    return _WORD.findall(text.lower())


def squashed(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return "".join(words(text))


class Reading:
    """One way to read a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> list[str]:
        return words(self.text)

    @cached_property
    def plurals(self) -> frozenset[str]:
        """The words, and each with or without an s."""
        return frozenset(
            form for word in self.vocabulary for form in (word, word + "s", word.removesuffix("s"))
        )

    @cached_property
    def endings(self) -> "Reading":
        """The text with the last step of each path alone: who names /srv/tmp has not named /srv."""
        return Reading(_FOLDERS.sub("", self.text))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(word[:STEM] for word in self.vocabulary if len(word) >= STEM)

    @cached_property
    def squashed(self) -> str:
        return "".join(self.words)

    @cached_property
    def edges(self) -> frozenset[int]:
        """The offsets in `squashed` at which a word begins or ends."""
        at = 0
        found = {0}
        for word in self.words:
            at += len(word)
            found.add(at)
        return frozenset(found)

    @cached_property
    def shingles(self) -> frozenset[str]:
        text = self.squashed
        return frozenset(text[at : at + SHARED] for at in range(0, len(text) - SHARED + 1, STRIDE))

    @cached_property
    def emails(self) -> frozenset[str]:
        return frozenset((*forms.emails(self.text), *forms.emails(forms.unspoken(self.text))))

    @cached_property
    def links(self) -> frozenset[tuple[str, str]]:
        """Host and rest of each URL."""
        return frozenset(link for url in forms.urls(self.text) if (link := forms.parts(url)))

    @cached_property
    def hosts(self) -> frozenset[str]:
        return frozenset(host for host, _ in self.links)

    @cached_property
    def numbers(self) -> frozenset[Decimal]:
        return frozenset(numbers(self.text))

    @cached_property
    def days(self) -> frozenset[dates.Day]:
        return frozenset(dates.days(self.text))

    def has(self, wanted: str) -> bool:
        """Whether these letters and digits stand there from the edge of a word to the edge of a word."""
        at = self.squashed.find(wanted) if wanted else -1
        for _ in range(_HITS):
            if at < 0:
                return False
            if at in self.edges and at + len(wanted) in self.edges:
                return True
            at = self.squashed.find(wanted, at + 1)
        return False

    def shares(self, other: str) -> bool:
        """Whether `SHARED` + `STRIDE` - 1 letters and digits in a row are those of `other` (squashed), or nearly so."""
        shingles = self.shingles
        return any(other[at : at + SHARED] in shingles for at in range(len(other) - SHARED + 1))
