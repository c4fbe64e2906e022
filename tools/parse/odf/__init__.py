"""ODT and ODP to blocks, in document order."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import ODP, ODT
from tools.parse.odf.blocks import Styles, blocks_of, read_styles
from tools.parse.odf.text import DRAW, PRESENTATION, cell_text, read_parts

if TYPE_CHECKING:
    from lxml.etree import _Element

_FOOTERS = ("header", "footer", "date-time", "page-number")


def parse_odt(name: str, data: bytes) -> Document:
    """Headings by outline level, lists, tables, captions, notes and pictures' descriptions.

    Tracked deletions, comments, headers and footers are left out. Raises KairosError file_encrypted.
    """
    parts = read_parts(name, data)
    body = parts["content.xml"].find("{*}body/{*}text")
    blocks = [] if body is None else list(blocks_of(body, read_styles(parts)))
    return _document(name, ODT, parts, blocks, None)


def parse_odp(name: str, data: bytes) -> Document:
    """For each slide its title, the frames on it and the notes; a page is a slide. Raises file_encrypted."""
    parts = read_parts(name, data)
    slides = parts["content.xml"].findall(f"{{*}}body/{{*}}presentation/{DRAW}page")
    styles = read_styles(parts)
    blocks = [block for page, slide in enumerate(slides, 1) for block in _slide(slide, styles, page)]
    return _document(name, ODP, parts, blocks, len(slides))


def _document(
    name: str, media_type: str, parts: dict[str, "_Element"], blocks: list[Block], pages: int | None
) -> Document:
    about = parts.get("meta.xml")
    title, author = (
        ("", "") if about is None else (about.findtext(".//{*}title"), about.findtext(".//{*}creator"))
    )
    metadata = {"author": author.strip()} if author and author.strip() else {}
    return assemble(title or title_of(name, blocks), media_type, blocks, pages, metadata)


def _slide(slide: "_Element", styles: Styles, page: int) -> Iterator[Block]:
    title, shapes, notes = "", list["_Element"](), list["_Element"]()
    for shape in slide:
        kind = shape.get(f"{PRESENTATION}class", "")
        if kind == "title" and not title:
            title = cell_text(shape)
        elif shape.tag == f"{PRESENTATION}notes":
            notes = [frame for frame in shape if frame.get(f"{PRESENTATION}class") == "notes"]
        elif kind not in _FOOTERS:
            shapes.append(shape)
    blocks = [block for shape in (*shapes, *notes) for block in blocks_of([shape], styles, page)]
    if title:
        yield Block("heading", title, 1 if page == 1 else 2, page)
    elif blocks:
        # Else what stands here would belong to the slide before.
        yield Block("heading", f"Slide {page}", 2, page)
    yield from blocks
