"""Pages that are pictures: which they are, how they are drawn, and the words read in them."""

import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

from tools.parse.ocr import Reading, TextLine
from tools.parse.pdf.rules import Drawn
from tools.parse.pdf.words import Layer, Word

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

# Without a mapping to letters: controls, private use, the replacement character.
_STRANGE = re.compile("[\x01-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_DOTS = 200 / 72  # pixels to a point
_LONGEST_SIDE = 2000  # pixels
_FEW = 100  # characters: a stamp on a scan
_MOSTLY = 0.5  # of a page under pictures: a scan
_LEAST_PICTURE = 0.01  # of a page: what may hold text
_LEAST_SHAPES = 50  # on a page without text: letters drawn as shapes
_GARBAGE = 0.3  # of the characters: a font without a mapping to letters
_TYPE_SIZE = 0.75  # of the height of a line's box


def is_garbage(layers: Sequence[Layer]) -> bool:
    """Whether the text layer of a page says nothing: its characters have no meaning."""
    text = "".join(word.text for layer in layers for word in layer.words)
    return len(_STRANGE.findall(text)) > _GARBAGE * len(text)


def needs_ocr(layers: Sequence[Layer], drawn: Drawn) -> bool:
    """Whether what a page says stands in its pictures; `layers` without garbage."""
    count = sum(len(word.text) for layer in layers for word in layer.words)
    if count:
        return count < _FEW and drawn.pictures >= _MOSTLY
    return drawn.pictures >= _LEAST_PICTURE or drawn.shapes >= _LEAST_SHAPES


def rendered(page: "PdfPage") -> "Image":
    """A page as a picture of at most 2000 pixels a side."""
    scale = min(_DOTS, _LONGEST_SIDE / max(*page.get_size(), 1))
    picture: Image = page.render(scale=scale).to_pil().convert("RGB")
    return picture


def layer_of(reading: Reading, width: float) -> Layer:
    """The words of a picture as a layer that is `width` points wide."""
    scale = width / reading.width
    usual = median([line.bottom - line.top for line in reading.lines] or [0.0])
    words = [word for number, line in enumerate(reading.lines) for word in _words(line, number, scale, usual)]
    return Layer(0, width, reading.height * scale, words)


def _words(line: TextLine, number: int, scale: float, usual: float) -> Iterator[Word]:
    """The words of a line, each as wide as its share of the characters; heights vary, so the usual one is common."""
    high = line.bottom - line.top
    size = round((usual if 0.7 * usual < high < 1.4 * usual else high) * scale * _TYPE_SIZE)
    width = (line.right - line.left) * scale / len(line.text)
    position = 0
    for text in line.text.split():
        position = line.text.index(text, position)
        left = line.left * scale + position * width
        yield Word(
            text,
            left,
            line.top * scale,
            left + len(text) * width,
            line.bottom * scale,
            size,
            False,
            -1 - number,
        )
        position += len(text)


def united(layers: Sequence[Layer], read: Layer) -> list[Layer]:
    """The layers of a page and what was read in its picture, without the words that are in both."""
    if not layers or layers[0].turned or abs(layers[0].width - read.width) > 1:
        return [*layers, read]
    words = layers[0].words
    new = [word for word in read.words if not any(_overlap(word, other) for other in words)]
    return [layers[0]._replace(words=[*words, *new]), *layers[1:]]


def _overlap(word: Word, other: Word) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return other.left <= x <= other.right and other.top <= y <= other.bottom
