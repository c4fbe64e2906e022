"""Pictures to blocks: the text that OCR reads in them."""

import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from state.errors import KairosError
from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import BMP, GIF, JPEG, PNG, TIFF, WEBP
from tools.parse.ocr import is_there, read_picture
from tools.parse.pdf.headings import style_of
from tools.parse.pdf.layout import blocks_of
from tools.parse.pdf.lines import Line
from tools.parse.pdf.page import Part, parts_of
from tools.parse.pdf.rules import Drawn
from tools.parse.pdf.scan import layer_of

if TYPE_CHECKING:
    from PIL.Image import Image

_TYPES = {"PNG": PNG, "JPEG": JPEG, "MPO": JPEG, "TIFF": TIFF, "WEBP": WEBP, "GIF": GIF, "BMP": BMP}
_MOST_PIXELS = 80_000_000  # of one picture: A3 at 400 dots an inch is 31 million
_LONGEST_SIDE = 2000  # pixels that are read
_WIDTH = 600.0  # points: as wide as a page
_FEW = 200  # characters: a picture with some words in it, not a page of text


def parse_picture(name: str, data: bytes, pages: int = 5000) -> Document:
    """The text in a PNG, JPEG, WEBP, BMP or GIF (its first frame), or on the pages of a TIFF.

    A page of text becomes paragraphs, lists and tables, a few words one `image` block.
    Raises KairosError: ocr_missing, image_too_large, file_too_many_pages or file_corrupt.
    """
    if not is_there():
        raise KairosError("ocr_missing", f"{name} is a picture, and no OCR is installed to read it.")
    parts: list[Part] = []
    number, kind = 0, ""
    for number, kind, picture in _frames(name, data, pages):  # noqa: B007
        layer = layer_of(read_picture(picture), _WIDTH)
        parts += parts_of([layer], Drawn([], [], 0.0, 0), number)
    blocks = list(blocks_of(parts, style_of([part for part in parts if isinstance(part, Line)]), {}))
    if sum(len(block.text) for block in blocks) < _FEW:
        blocks = [Block("image", "\n".join(block.text for block in blocks), 0, 1)]
    paged = number if kind == "TIFF" else None
    if not paged:
        blocks = [Block(block.kind, block.text, block.level) for block in blocks]
    return assemble(title_of(name, blocks), _TYPES[kind], blocks, paged)


def _frames(name: str, data: bytes, pages: int) -> Iterator[tuple[int, str, "Image"]]:
    """Number from 1, format and upright RGB picture of each page of a TIFF, of the first frame of others."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind for kind in _TYPES if kind != "MPO"]) as file:
                kind = file.format or ""
                count = getattr(file, "n_frames", 1) if kind == "TIFF" else 1
                if count > pages:
                    raise KairosError(
                        "file_too_many_pages", f"{name} has {count} pages; at most {pages} are read."
                    )
                for index in range(count):
                    file.seek(index)
                    yield index + 1, kind, _upright(name, file)
    except Image.DecompressionBombError:
        raise _too_large(name) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise KairosError("file_corrupt", f"{name} is damaged and cannot be read as a picture.") from error


def _upright(name: str, file: "Image") -> "Image":
    """The current frame as it is to be seen, on white where it is transparent, no larger than is read."""
    from PIL import Image, ImageOps

    if file.width * file.height > _MOST_PIXELS:
        raise _too_large(name)
    file.draft("RGB", (2 * _LONGEST_SIDE, 2 * _LONGEST_SIDE))
    picture = ImageOps.exif_transpose(file)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _too_large(name: str) -> KairosError:
    most = _MOST_PIXELS // 10**6
    return KairosError("image_too_large", f"{name} is larger than {most} million pixels, more than is read.")
