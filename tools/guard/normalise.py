"""Texts are read without their disguises: one spelling of each character, nothing invisible, no look-alikes.

Unicode Standard Annex 15 (NFKC) and Technical Standard 39 (confusables). Offsets lead back to the original.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from tools.guard.confusables import LATIN
from tools.guard.decoding import decodings
from tools.guard.view import Piece, View, rewritten

MARKS = 30
"""Combining marks kept after a letter (the stream-safe format of UAX 15); sorting more takes quadratic time."""

KEPT = 8
"""Texts whose readings are kept for the checks of one request, if they are no longer than SHORT characters."""
SHORT = 20_000

# Soft hyphen, fillers, zero-width and bidi controls, variation selectors, tags, byte order mark.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_WORD = re.compile(r"\w++")
_ASCII = re.compile(r"[\x00-\x7f]{2,}+")
_ALIKE = re.compile(f"[{''.join(LATIN)}]")
_CYRILLIC, _GREEK = re.compile("[\u0400-\u052f]"), re.compile("[\u0370-\u03ff]")
_DIGIT = re.compile(r"[^\D0-9]")
_PLAIN = re.compile(r"[A-Za-z]")


def normalise(text: str) -> View:
    """The text in NFKC, without invisible characters, look-alikes made Latin, all digits 0 to 9; linear time."""
    if text.isascii():
        return View(text)
    return _normalised_once(text) if len(text) <= SHORT else _normalised(text)


def views(text: str) -> tuple[View, ...]:
    """Every way to read the text: first as normalised, then what base64, hex, URLs and the like decode to."""
    return _views_once(text) if len(text) <= SHORT else _views(text)


def _normalised(text: str) -> View:
    view = View(text)
    if _INVISIBLE.search(text) or not unicodedata.is_normalized("NFKC", text):
        view = rewritten(view, "folded", _folded(text))
    if _DIGIT.search(view.text):
        digits = _DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), view.text)
        view = rewritten(view, "digits", [(digits, 0, len(digits))])
    return _latin(view)


def _views(text: str) -> tuple[View, ...]:
    first = normalise(text)
    return (first, *decodings(first))


_normalised_once, _views_once = lru_cache(KEPT)(_normalised), lru_cache(KEPT)(_views)


def _folded(text: str) -> Iterator[Piece]:
    """Clusters of a letter and its marks, each normalised by itself; runs of ASCII as they are."""
    at = 0
    for run in _ASCII.finditer(text):
        end = run.end() - (run.end() < len(text) and _continues(text[run.end()]))
        yield from _clusters(text, at, run.start())
        yield text[run.start() : end], run.start(), end
        at = end
    yield from _clusters(text, at, len(text))


def _clusters(text: str, start: int, stop: int) -> Iterator[Piece]:
    for end in range(start + 1, stop + 1):
        if end < stop and _continues(text[end]):
            continue
        yield _cluster(text[start:end]), start, end
        start = end


def _cluster(cluster: str) -> str:
    if cluster.isascii():
        return cluster
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", cluster)[: MARKS + 1])


def _continues(character: str) -> bool:
    """Whether it may melt into the character before: marks, and Hangul vowels and finals."""
    if character < "\u0300":
        return False
    return unicodedata.combining(character) != 0 or "\u1161" <= character <= "\u11ff"


def _latin(view: View) -> View:
    """Look-alikes made Latin in words that mix scripts, and in all words where no true letter of theirs is met."""
    text = view.text
    if not _ALIKE.search(text):
        return view
    strange = not _is_really(text, _CYRILLIC), not _is_really(text, _GREEK)
    letters = list(text)
    for word in _WORD.finditer(text):
        mixed = _PLAIN.search(word[0]) is not None
        for found in _ALIKE.finditer(text, *word.span()):
            if mixed or strange[bool(_GREEK.match(found[0]))]:
                letters[found.start()] = LATIN[found[0]]
    read = "".join(letters)
    return view if read == text else rewritten(view, "latin", [(read, 0, len(text))])


def _is_really(text: str, script: re.Pattern[str]) -> bool:
    """Whether a letter of the script stands there that resembles no Latin one."""
    return any(letter not in LATIN for letter in set(script.findall(text)))
