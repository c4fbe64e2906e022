"""The texts that a model saw in a run, each with its origin."""

import unicodedata
from collections.abc import Iterable
from functools import cached_property

from state.provenance import Origin, SourcedText
from tools.guard.confusables import LATIN
from tools.guard.normalise import normalise, views
from tools.provenance.reading import Reading

DECODED = 100_000
_ALIKE = {
    ord(alike.lower()): latin.lower() for alike, latin in reversed(LATIN.items()) if len(alike.lower()) == 1
}
MODEL = Origin(kind="model", name="", trusted=False)
"""Of what stands in no text."""


class Source:
    """A text, read strictly to let it name something, and loosely to find what it may have slipped in."""

    def __init__(self, text: str, origin: Origin) -> None:
        self.origin = origin
        self._text = text

    @cached_property
    def strict(self) -> Reading:
        """Look-alikes stay what they are: a recipient with a Cyrillic letter is another recipient."""
        return Reading(unicodedata.normalize("NFKC", self._text))

    @cached_property
    def loose(self) -> tuple[Reading, ...]:
        """As normalised, and whatever it decodes to; of a long text, whatever its beginning does."""
        read = [normalise(self._text), *views(self._text[:DECODED])[1:]]
        return tuple(Reading(folded(view.text)) for view in read)


class Sources:
    """All texts of a run; a tool's result of which some fields are the firm's own may be added as several."""

    def __init__(self, texts: Iterable[SourcedText] = ()) -> None:
        self._sources: list[Source] = []
        for one in texts:
            self.add(one["text"], one["origin"])

    def add(self, text: str, origin: Origin) -> None:
        """One more text; nothing of it is read before a call is judged."""
        self._sources.append(Source(text, origin))

    @property
    def all(self) -> list[Source]:
        return self._sources

    @property
    def trusted(self) -> list[Source]:
        return [source for source in self._sources if source.origin["trusted"]]

    @property
    def untrusted(self) -> list[Source]:
        return [source for source in self._sources if not source.origin["trusted"]]


def folded(text: str) -> str:
    """In lower case, look-alikes made Latin wherever they stand: a part must read as it does in its text."""
    return text.casefold().translate(_ALIKE)


def distinct(origins: Iterable[Origin]) -> list[Origin]:
    """Each origin once, in order of first mention."""
    found: dict[tuple[str, str, bool], Origin] = {}
    for origin in origins:
        found.setdefault((origin["kind"], origin["name"], origin["trusted"]), origin)
    return list(found.values())
