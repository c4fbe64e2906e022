"""Words and phrases of a policy, found wherever they stand as words.

`*` in a word stands for up to 30 letters, alone for up to three words; `?` for one letter. Between words stands any
short run of blanks and marks that ends no sentence. No free regular expressions: a phrase takes linear time.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

LONGEST = 200
"""Characters of a phrase."""

_PART = re.compile(r"[\w*?]+")
_SIGNS = {"*": r"\w{0,30}", "?": r"\w"}
_GAP = r"[^\w.!?;]{1,5}+"
_WORDS = rf"(?:\w{{1,30}}+{_GAP}){{0,3}}"
_NO_BLANKS = "\u0e00"
"""From here on scripts are written without blanks (Thai to Chinese), or add endings to words (Korean)."""

# English, German, French, Spanish, Italian, Portuguese.
_DENIAL = re.compile(
    r"(?:\b(?:no|not|never|without|cannot|neither|nor|hardly|kein\w{0,2}|nicht|nie|ohne|pas|jamais|sans|sin|nunca|non"
    r"|senza|não|sem)|n['’]t)\b(?! only\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.!?;:,\n]|\bbut\b")
_BEFORE = 40
"""Characters before a phrase in which a denial counts, if no clause ends between."""


def _checked(phrase: str) -> str:
    parts = _PART.findall(phrase)
    if not parts or len(phrase) > LONGEST:
        raise ValueError(f"a phrase has 1 to {LONGEST} characters, and words")
    if "*" in (parts[0], parts[-1]):
        raise ValueError(f"the phrase {phrase!r} begins or ends with a * of its own")
    if any(part != "*" and ("*" in part or "?" in part) and not _bounded(part) for part in parts):
        raise ValueError(f"a word with * or ? in the phrase {phrase!r} needs two letters, and at most two *")
    return phrase


def _bounded(word: str) -> bool:
    return word.count("*") <= 2 and sum(sign not in _SIGNS for sign in word) >= 2


Phrase = Annotated[str, AfterValidator(_checked)]


def found(phrases: tuple[str, ...], text: str) -> Iterator[tuple[int, int]]:
    """Spans of the phrases in the text; of several that begin in one place, one."""
    if phrases:
        for match in _compiled(phrases).finditer(text):
            yield match.span()


def denied(text: str, start: int) -> bool:
    """Whether what begins at `start` is said not to be so: "no guaranteed returns", but not "not only"."""
    clause = _CLAUSE.split(text[max(0, start - _BEFORE) : start])[-1]
    return _DENIAL.search(clause) is not None


@lru_cache(maxsize=256)
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_pattern, phrases)), re.IGNORECASE)


def _pattern(phrase: str) -> str:
    parts = _PART.findall(phrase)
    read = "".join(_WORDS if part == "*" else _word(part) + _GAP for part in parts).removesuffix(_GAP)
    before = r"(?<!\w)" if parts[0][0] < _NO_BLANKS else ""
    after = r"(?!\w)" if parts[-1][-1] < _NO_BLANKS else ""
    return before + read + after


def _word(part: str) -> str:
    return "".join(_SIGNS.get(sign, re.escape(sign)) for sign in part)
