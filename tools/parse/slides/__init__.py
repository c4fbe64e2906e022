"""PPTX to blocks: for each slide its title, what stands on it in reading order, and the speaker's notes."""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import PPTX
from tools.parse.office.package import ordinary
from tools.parse.slides.shapes import frame_blocks, in_order, is_heading, shape_blocks, unwrap

if TYPE_CHECKING:
    from pptx.presentation import Presentation

_PLACEHOLDERS = ("", "PowerPoint Presentation")  # what the program itself writes
_OTHER_CONTENT_TYPES = (
    "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
    "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
)


def parse_slides(name: str, data: bytes) -> Document:
    """Titles as headings, text boxes, lists, tables, charts and pictures' descriptions; a page is a slide."""
    show = _open(data)
    blocks: list[Block] = []
    for number, slide in enumerate(show.slides, 1):
        blocks += _slide(slide, number)
    about = show.core_properties
    metadata = {"author": about.author} if about.author else {}
    title = title_of(name, blocks) if about.title in _PLACEHOLDERS else about.title
    return assemble(title, PPTX, blocks, len(show.slides), metadata)


def _open(data: bytes) -> "Presentation":
    from pptx.opc.package import PartFactory
    from pptx.package import Package
    from pptx.parts.presentation import PresentationPart

    # Templates, shows and files with macros hold the same XML under other content types.
    for content_type in _OTHER_CONTENT_TYPES:
        PartFactory.part_type_for.setdefault(content_type, PresentationPart)
    show: Presentation = Package.open(io.BytesIO(ordinary(data))).main_document_part.presentation
    return show


def _slide(slide: Any, page: int) -> Iterator[Block]:
    unwrap(slide.shapes._spTree)
    shapes = list(in_order(slide.shapes))
    titles: list[Any] = []
    others: list[Any] = []
    for shape in shapes:
        (titles if is_heading(shape) and shape.text_frame.text.strip() else others).append(shape)
    blocks = [block for shape in others for block in shape_blocks(shape, page)]
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None:
        blocks += frame_blocks(notes, page)
    if titles:
        yield Block("heading", titles[0].text_frame.text, _level(titles[0]), page)
        blocks = [*_paragraphs(titles[1:], page), *blocks]
    elif blocks:
        # Else what stands here would belong to the slide before.
        yield Block("heading", f"Slide {page}", 2, page)
    yield from blocks


def _level(title: Any) -> int:
    from pptx.enum.shapes import PP_PLACEHOLDER

    return 1 if title.placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE else 2


def _paragraphs(shapes: Iterable[Any], page: int) -> Iterator[Block]:
    return (Block("paragraph", shape.text_frame.text, 0, page) for shape in shapes)
