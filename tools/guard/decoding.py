"""What a text hides by encoding it: base64, hexadecimal, URLs, HTML entities, rot13, leetspeak, s p a c e d letters.

Bounded: at most `DEPTH` layers, `VIEWS` readings, and four times the text's length in all.
"""

import base64
import codecs
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from tools.guard.view import Piece, View, around, rewritten

DEPTH = 2
VIEWS = 32
GROWTH = 4

# Possessive quantifiers: no pattern here can go back, so each takes linear time.
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:(?:[A-Za-z0-9+/_-]{60,76}+\r?\n)++[A-Za-z0-9+/_-]{0,76}+|[A-Za-z0-9+/_-]{16,}+)={0,2}"
)
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:(?:\\x|0x)?[0-9A-Fa-f]{2}[ :,]?){8,}+(?![0-9A-Fa-f])")
_HEX_PAIR = re.compile(r"(?:\\x|0x)?([0-9A-Fa-f]{2})[ :,]?")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_SPACED = re.compile(r"(?<!\w)(?:[A-Za-z]([ .\-_*])(?=[A-Za-z](?:\1|\W|$))){2,}+[A-Za-z](?!\w)")
# Addresses of mail are none.
_LEET = re.compile(
    r"(?<![A-Za-z0-9@$])(?![A-Za-z0-9]*+@[A-Za-z0-9-]*+\.[A-Za-z])"
    r"(?=[A-Za-z]*+[0-9@$!|])[A-Za-z0-9@$]{3,}+(?:[!|](?=[A-Za-z0-9@$])[A-Za-z0-9@$]++)*+"
)
_LEET_SIGNS = str.maketrans("0134578@$!|", "oieastbasil")
_LEET_MIX = re.compile(r"[A-Za-z][0134578@$!|]|[0134578@$!|][A-Za-z]")
_COUNTED = re.compile(r"\d++(?:st|nd|rd|th|am|pm)", re.IGNORECASE)
_ENGLISH = (
    "the and you your all ignore previous instructions system prompt tell what how this that are".split()
)
_ROT13 = re.compile(rf"\b(?:{'|'.join(codecs.encode(word, 'rot13') for word in _ENGLISH)})\b", re.IGNORECASE)


def decodings(view: View) -> tuple[View, ...]:
    """Further readings of the view, each with offsets into the same original; those decoded once come first."""
    budget = GROWTH * len(view.text)
    found: list[View] = []
    layer = [view]
    for _ in range(DEPTH):
        deeper: list[View] = []
        for outer in layer:
            for inner in _decoded(outer):
                budget -= len(inner.text)
                if budget < 0 or len(found) + len(deeper) == VIEWS:
                    return (*found, *deeper)
                deeper.append(inner)
        found += deeper
        layer = deeper
    return tuple(found)


def _decoded(view: View) -> Iterator[View]:
    yield from _blocks(view, "base64", _BASE64, _from_base64)
    yield from _blocks(view, "hex", _HEX, _from_hex)
    for how, pattern, read in _INLINE:
        if how not in view.how:
            pieces = [(read(match[0]), *match.span()) for match in pattern.finditer(view.text)]
            changed = [piece for piece in pieces if piece[0] != view.text[piece[1] : piece[2]]]
            if changed:
                yield rewritten(view, how, around(view.text, changed))
    if "rot13" not in view.how and len({word.lower() for word in _ROT13.findall(view.text)}) >= 2:
        yield rewritten(view, "rot13", [(codecs.encode(view.text, "rot13"), 0, len(view.text))])


def _blocks(
    view: View, how: str, pattern: re.Pattern[str], read: Callable[[str, int], Iterator[tuple[int, int, int]]]
) -> Iterator[View]:
    """Each block that decodes to readable text, as a view of its own."""
    for match in pattern.finditer(view.text):
        octets = list(read(match[0], match.start()))
        pieces = list(_characters(octets))
        decoded = "".join(text for text, _, _ in pieces)
        if _readable(decoded) or (how == "base64" and len(decoded) >= 8 and _printable(decoded)):
            yield rewritten(view, how, pieces)


def _from_base64(block: str, at: int) -> Iterator[tuple[int, int, int]]:
    """Bytes with the characters that they come from."""
    places = [at + index for index, sign in enumerate(block) if sign not in "\r\n="]
    signs = "".join(sign for sign in block if sign not in "\r\n=")
    if len(signs) % 4 == 1:
        signs = signs[:-1]
    octets = base64.b64decode(
        signs + "=" * (-len(signs) % 4), altchars=b"-_" if "-" in signs or "_" in signs else None
    )
    for index, octet in enumerate(octets):
        yield octet, places[index * 8 // 6], places[(index * 8 + 7) // 6] + 1


def _from_hex(block: str, at: int) -> Iterator[tuple[int, int, int]]:
    for pair in _HEX_PAIR.finditer(block):
        yield int(pair[1], 16), at + pair.start(), at + pair.end()


def _characters(octets: list[tuple[int, int, int]]) -> Iterator[Piece]:
    """UTF-8 characters; a byte that is none becomes a replacement character."""
    index = 0
    while index < len(octets):
        first = octets[index][0]
        size = 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)
        group = octets[index : index + size]
        text = bytes(octet for octet, _, _ in group).decode("utf-8", "replace")
        yield text[:1], group[0][1], group[-1][2]
        index += size


def _readable(text: str) -> bool:
    """Mostly printable, and most of it letters and blanks: not what random bytes give."""
    good = sum(character.isalpha() or character in " \n" for character in text)
    shown = sum(character.isprintable() or character in "\r\n\t" for character in text)
    return len(text) >= 8 and shown >= 0.95 * len(text) and good >= 0.6 * len(text)


def _printable(text: str) -> bool:
    """Nothing but ASCII that can be seen, such as keys: twelve random bytes are so once in 100,000 times."""
    return text.isascii() and text.isprintable()


def _leet(word: str) -> str:
    """The word in letters, if letters and digits are mixed in it and nothing but letters comes out."""
    if not _LEET_MIX.search(word) or _COUNTED.fullmatch(word):
        return word
    read = word.translate(_LEET_SIGNS)
    return read if read.isalpha() else word


def _joined(word: str) -> str:
    return word[::2]


_INLINE = (
    ("url", _PERCENT, lambda text: unquote(text, errors="replace")),
    ("html", _ENTITY, html.unescape),
    ("spaced", _SPACED, _joined),
    ("leet", _LEET, _leet),
)
