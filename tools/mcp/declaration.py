"""A tool as its server declares it: plain JSON, hashed, and looked at before anybody is offered it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Self

from tools.mcp.schemas import walk, wrong

LONGEST_NAME = 64
"""Of the full name, with two underscores for its dot: what chat completions take."""
LONGEST_DESCRIPTION = 8_000
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Declaration:
    """What a server says of a tool. parameters, output: JSON Schema; annotations: hints, in the protocol's names."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    output: Mapping[str, Any] | None
    annotations: Mapping[str, Any]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """From `plain`."""
        return cls(**stored)

    @cached_property
    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @cached_property
    def sha256(self) -> str:
        """Changes with anything that is said, in whatever order."""
        import orjson

        return sha256(orjson.dumps(self.plain, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def bare(self) -> str:
        """Its name in letters that all model protocols take."""
        return _UNSAFE.sub("_", self.name)

    @cached_property
    def unusable(self) -> str:
        """Why it can never be offered, as the end of a sentence; empty if it can."""
        if not self.name or len(self.name) > LONGEST_NAME or not _NAME.search(self.name):
            return "its name is empty or too long"
        if len(self.description) > LONGEST_DESCRIPTION:
            return "its description is too long"
        if self.parameters.get("type") != "object":
            return "its arguments are no object"
        return next((why for schema in (self.parameters, self.output or {}) if (why := wrong(schema))), "")

    @cached_property
    def hidden(self) -> bool:
        """Whether there are characters in it that people do not see."""
        return any(_is_hidden(sign) for text in (self.name, *self.texts) for sign in text)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All words in it that a model would read."""
        said = [self.description, str(self.annotations.get("title") or "")]
        said += [text for schema in (self.parameters, self.output or {}) for text in _strings(schema)]
        return tuple(text for text in said if text)

    def changes(self, before: Mapping[str, Any]) -> list[str]:
        """Which of its parts differ from those of `plain` before."""
        return [part for part, value in self.plain.items() if before.get(part) != value]


def _strings(schema: Mapping[str, Any]) -> Iterator[str]:
    """Every text and every name of a property: each is a place for instructions."""
    for _, key, value in walk(schema):
        if key:
            yield key
        if isinstance(value, str):
            yield value


def _is_hidden(sign: str) -> bool:
    """Formats, controls, private and unassigned signs; not what parts lines."""
    return unicodedata.category(sign) in ("Cf", "Cc", "Co", "Cn", "Cs") and sign not in "\n\r\t"
