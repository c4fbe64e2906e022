"""The words of a PDF page with their places, as PDFium finds them."""

import ctypes
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

# PDFium puts U+FFFE or U+0002 for the hyphen of a word cut at a line end, and goes on without a line break.
_WORD = re.compile(r"[^\s\x00\x02\ufffe]+[\x02\ufffe]?|[\x02\ufffe]")
_BOLD = re.compile(rb"bold|black|heavy|demi|cmbx|sfbx|-medi\b", re.IGNORECASE)
_PLAIN = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\x02": "\xad",
        "\ufffe": "\xad",
    }
)
_STEP = 15  # degrees: text turned by less than half of that counts as upright


class Word(NamedTuple):
    """A word, its box in points from the top left of the page as it is read, its font and its line.

    A word that is cut at the end of a line ends in a soft hyphen.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    line: int


class Layer(NamedTuple):
    """The words of a page that run in one direction, and the page's box as seen from there."""

    turned: int
    width: float
    height: float
    words: list[Word]


class Turn(NamedTuple):
    """Turns the coordinates of a page (y upwards) so that text at `degrees` runs from left to right, y downwards."""

    cos: float
    sin: float
    left: float
    top: float
    width: float
    height: float

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of a box given by PDFium."""
        ax, ay = left * self.cos + bottom * self.sin, bottom * self.cos - left * self.sin
        bx, by = right * self.cos + top * self.sin, top * self.cos - right * self.sin
        return (
            min(ax, bx) - self.left,
            self.top - max(ay, by),
            max(ax, bx) - self.left,
            self.top - min(ay, by),
        )


def turn_of(page: "PdfPage", degrees: int) -> Turn:
    """The turn for text at `degrees` on a page."""
    left, bottom, right, top = page.get_bbox()
    cos, sin = round(math.cos(math.radians(degrees)), 9), round(math.sin(math.radians(degrees)), 9)
    corners = [(x * cos + y * sin, y * cos - x * sin) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*corners, strict=True)
    return Turn(cos, sin, min(xs), max(ys), max(xs) - min(xs), max(ys) - min(ys))


def layers_of(page: "PdfPage", text: "PdfTextPage") -> list[Layer]:
    """The words by the direction in which they run, the one with most words first."""
    turns: dict[int, Turn] = {}
    words: dict[int, list[Word]] = {}
    for degrees, word in _words(page, text, turns):
        words.setdefault(degrees, []).append(word)
    found = [Layer(turned, turns[turned].width, turns[turned].height, words[turned]) for turned in words]
    return sorted(found, key=lambda layer: -len(layer.words))


def _words(page: "PdfPage", text: "PdfTextPage", turns: dict[int, Turn]) -> Iterator[tuple[int, Word]]:
    """Direction in degrees and word; a number for each line, as PDFium cuts them, goes with it."""
    chars, number = _Chars(text), 0
    for start, line in _lines(text.get_text_range()):
        number += 1
        for match in _WORD.finditer(line):
            first, last = chars.span(start + match.start(), start + match.end() - 1)
            degrees = chars.degrees(first)
            turn = turns.get(degrees) or turns.setdefault(degrees, turn_of(page, degrees))
            a, b = chars.box(first), chars.box(last)
            box = turn.box(min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
            size, bold = chars.font(first)
            word = match[0].translate(_PLAIN)
            yield degrees, Word(word, *box, size, bold, number)
            number += word[-1] == "\xad"


def _lines(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.split("\n"):
        yield position, line
        position += len(line) + 1


class _Chars:
    """What PDFium knows of the characters of a page."""

    def __init__(self, text: "PdfTextPage") -> None:
        from pypdfium2 import raw

        self._raw, self._page = raw, text.raw
        self._same = text.count_chars() == len(text.get_text_range())
        self._rect, self._matrix = raw.FS_RECTF(), raw.FS_MATRIX()
        self._name = ctypes.create_string_buffer(128)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Character indices of two places in the text, which leaves some characters out."""
        if self._same:
            return first, last
        index = self._raw.FPDFText_GetCharIndexFromTextIndex
        return max(index(self._page, first), 0), max(index(self._page, last), 0)

    def box(self, index: int) -> tuple[float, float, float, float]:
        """(left, bottom, right, top), y upwards; as high as the font."""
        rect = self._rect
        self._raw.FPDFText_GetLooseCharBox(self._page, index, ctypes.byref(rect))
        return rect.left, rect.bottom, rect.right, rect.top

    def degrees(self, index: int) -> int:
        """The direction of the text, counter-clockwise, to the next 15; PDFium gives it clockwise."""
        angle = self._raw.FPDFText_GetCharAngle(self._page, index)
        return round(-math.degrees(angle) / _STEP) * _STEP % 360 if angle > 0 else 0

    def font(self, index: int) -> tuple[float, bool]:
        """Size in points to half a point, and whether its name says bold."""
        matrix = self._matrix
        self._raw.FPDFText_GetMatrix(self._page, index, ctypes.byref(matrix))
        size = self._raw.FPDFText_GetFontSize(self._page, index) * math.hypot(matrix.c, matrix.d)
        self._name.value = b""
        self._raw.FPDFText_GetFontInfo(self._page, index, self._name, 128, None)
        return round(size * 2) / 2, bool(_BOLD.search(self._name.value))
