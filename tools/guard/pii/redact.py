"""Personal data leaves a text as typed placeholders and comes back by them.

The same value of the same type has the same placeholder, in all texts of one `Redaction`. A placeholder that a user
wrote is never one of ours: the numbers it uses are not given out, so it restores to itself. One that a model made up
is unknown and stays as it is. The values live in memory only; nothing here writes them anywhere.
"""

import re
from collections.abc import Iterable, Sequence

from tools.guard.pii.found import TYPES, Found, Type

PLACEHOLDER = re.compile(r"\[([A-Z][A-Z_]{1,24})_(\d{1,9})\]")
LONGEST = 40
"""Characters of a placeholder at most: what a stream must hold back before it is sure."""


class Redaction:
    """The values of one run and their placeholders."""

    def __init__(self) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._written: set[str] = set()
        self._next: dict[str, int] = {}

    def redact(self, text: str, found: Sequence[Found]) -> str:
        """The text with a placeholder for each span; spans do not overlap, in any order."""
        self.reserve(text)
        pieces: list[str] = []
        at = 0
        for one in sorted(found, key=lambda one: one.start):
            if one.start < at:
                raise ValueError("spans overlap")
            pieces += text[at : one.start], self._placeholder(one.type, text[one.start : one.end])
            at = one.end
        return "".join((*pieces, text[at:]))

    def reserve(self, text: str) -> None:
        """Never give out a placeholder that already stands in a text of the user's or a document's."""
        self._written.update(match[0] for match in PLACEHOLDER.finditer(text))

    def restore(self, text: str, types: Iterable[str] = TYPES) -> str:
        """Our placeholders of these types as their values, in one pass: a value that looks like one is left alone."""
        allowed = frozenset(types)
        return PLACEHOLDER.sub(lambda match: self._value(match, allowed), text)

    def type_of(self, value: str) -> Type | None:
        """The type that a value was hidden as, if it was."""
        return next((kind for kind in TYPES if (kind, value) in self._placeholders), None)

    def unknown(self, text: str) -> list[str]:
        """Placeholders of our types that stand in the text and that nobody wrote: a model made them up."""
        seen = dict.fromkeys(match[0] for match in PLACEHOLDER.finditer(text) if match[1] in TYPES)
        return [one for one in seen if one not in self._values and one not in self._written]

    def _value(self, match: re.Match[str], allowed: frozenset[str]) -> str:
        # Written by a user before or after it was given out: nobody can tell the two apart, so it hides.
        if match[1] not in allowed or match[0] in self._written:
            return match[0]
        return self._values.get(match[0], match[0])

    def _placeholder(self, kind: str, value: str) -> str:
        known = self._placeholders.get((kind, value))
        if known is not None and known not in self._written:
            return known
        while True:
            self._next[kind] = self._next.get(kind, 0) + 1
            given = f"[{kind}_{self._next[kind]}]"
            if given not in self._written:
                break
        self._placeholders[kind, value] = given
        self._values[given] = value
        return given

    def __repr__(self) -> str:
        return f"Redaction({len(self._values)} values)"
