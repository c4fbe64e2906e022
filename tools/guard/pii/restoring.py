"""Placeholders become values again in a text that is still being written."""

import re

import orjson

from tools.guard.pii.redact import LONGEST, PLACEHOLDER, Redaction

_BEGUN = re.compile(r"\[(?:[A-Z][A-Z_]{0,25}\d{0,9})?")


class Restorer:
    """One text's: what may yet become a placeholder is held back. In JSON, values are written as JSON has them.

    `unknown`: where in the restored text placeholders stand that a model made up; they stay as they are.
    """

    def __init__(self, redaction: Redaction, types: frozenset[str], in_json: bool = False) -> None:
        self._redaction, self._types, self._in_json = redaction, types, in_json
        self._held, self._length = "", 0
        self.unknown: list[tuple[int, int]] = []
        self.restored: set[str] = set()

    def feed(self, text: str) -> str:
        """What is sure by now."""
        text = self._held + text
        begun = text.rfind("[", max(len(text) - LONGEST, 0))
        if begun < 0 or not _BEGUN.fullmatch(text, begun):
            begun = len(text)
        self._held = text[begun:]
        return self._written(text[:begun])

    def close(self, text: str = "") -> str:
        """The rest."""
        text, self._held = self._held + text, ""
        return self._written(text)

    def _written(self, text: str) -> str:
        pieces: list[str] = []
        at = 0
        for match in PLACEHOLDER.finditer(text):
            self._length += match.start() - at
            pieces += text[at : match.start()], self._value(match[0])
            self._length += len(pieces[-1])
            at = match.end()
        self._length += len(text) - at
        return "".join((*pieces, text[at:]))

    def _value(self, placeholder: str) -> str:
        value = self._redaction.restore(placeholder, self._types)
        if value == placeholder:
            if self._redaction.unknown(placeholder):
                self.unknown.append((self._length, self._length + len(placeholder)))
            return placeholder
        self.restored.add(value)
        return orjson.dumps(value).decode()[1:-1] if self._in_json else value
