"""The text in a picture, read by whichever OCR engine is installed: RapidOCR, else the program tesseract."""

import shutil
import threading
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

_LOCK = threading.Lock()  # an engine keeps the settings of a call in itself


class TextLine(NamedTuple):
    """A line of text in a picture and its box in pixels from the top left, as the text is read."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Reading(NamedTuple):
    """The lines of a picture and its size in pixels, both as the text is read: upright."""

    lines: list[TextLine]
    width: int
    height: int


def is_there() -> bool:
    """Whether an engine is installed."""
    return bool(find_spec("rapidocr")) or bool(shutil.which("tesseract"))


def read_picture(picture: "Image") -> Reading:
    """The lines of text in an RGB picture, however it is turned by quarters; is_there() must hold."""
    with _LOCK:
        return _engine()(picture)


@lru_cache(maxsize=1)
def _engine() -> "Callable[[Image], Reading]":
    """The engine, loaded once a process."""
    if find_spec("rapidocr"):
        from tools.parse.ocr.rapid import rapid_engine

        return rapid_engine()
    from tools.parse.ocr.tesseract import read_with_tesseract

    return read_with_tesseract
