"""Code that attacks what reads an answer or a tool's result: SQL, shell, templates, script in pages, paths.

YARA rules of our own, in `rules`; each names its family in a tag.
"""

from __future__ import annotations

import asyncio
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from state.errors import KairosError
from tools.guard.check import About, Check, Hit
from tools.guard.injection.closed import off_loop
from tools.guard.readings import hidden, placed, readings, without_doubles
from tools.guard.view import View

if TYPE_CHECKING:
    import yara_x

Family = Literal["sql", "shell", "template", "xss", "path"]
FAMILIES: tuple[Family, ...] = get_args(Family)
SECONDS = 2
"""What a scan may take; it takes about a tenth for a megabyte."""
MATCHES = 100
"""Of one pattern that are told."""

_RULES = Path(__file__).with_name("rules")
_compiling = threading.Lock()


class Options(BaseModel):
    """families: what counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    families: tuple[Family, ...] = Field(FAMILIES, min_length=1)


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Each place that a rule matches, also in what was encoded. Raises KairosError `check_timed_out`."""
    found = await readings(text, about)
    if not _compiled.cache_info().currsize:
        await asyncio.to_thread(_rules)
    return await off_loop(len(text), _find, text, found, options.families)


def _find(text: str, found: Sequence[View], families: Sequence[Family]) -> list[Hit]:
    def scan(reading: str) -> Iterator[Hit]:
        return _scan(reading, families)

    return without_doubles([*placed(found[0], scan(found[0].text)), *hidden(text, found, scan)])


def _scan(text: str, families: Sequence[Family]) -> Iterator[Hit]:
    data = text.encode(errors="replace")
    matches = _matches(data, families)
    if matches is None:
        raise KairosError("check_timed_out", "The text took too long to look through, so it was not taken.")
    # Where each character begins: those of YARA are offsets of bytes.
    begins = None if len(data) == len(text) else [at for at, byte in enumerate(data) if byte & 0xC0 != 0x80]
    for rule, start, end in matches:
        yield Hit(rule, *((start, end) if begins is None else _characters(begins, start, end)))


def _matches(data: bytes, families: Sequence[Family]) -> list[tuple[str, int, int]] | None:
    """The rule and the bytes of each match; None when time ran out.

    A scanner must die in the thread it was made in, so no error may carry this frame away.
    """
    import yara_x

    scanner = yara_x.Scanner(_rules())
    scanner.set_timeout(SECONDS)
    scanner.max_matches_per_pattern(MATCHES)
    try:
        rules = scanner.scan(data).matching_rules
    except yara_x.TimeoutError:
        return None
    return [
        (rule.identifier, match.offset, match.offset + match.length)
        for rule in rules
        if rule.tags[0] in families
        for pattern in rule.patterns
        for match in pattern.matches
    ]


def _characters(begins: Sequence[int], start: int, end: int) -> tuple[int, int]:
    first = bisect_right(begins, start) - 1
    return first, max(first + 1, bisect_left(begins, end))


def _rules() -> yara_x.Rules:
    with _compiling:  # lru_cache alone would let two first callers compile them twice
        return _compiled()


@lru_cache(maxsize=1)
def _compiled() -> yara_x.Rules:
    import yara_x

    compiler = yara_x.Compiler(includes_enabled=False)
    for file in sorted(_RULES.glob("*.yar")):
        compiler.add_source(file.read_text(encoding="utf-8"), origin=file.name)
    return compiler.build()


CHECK = Check(
    "code_injection",
    frozenset({"output", "tool"}),
    find,
    "code_injection",
    "This text holds code that could attack the program that reads it, so it was withheld.",
    Options,
)
