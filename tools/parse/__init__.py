"""Files to documents: one function, and one parser for each media type."""

import asyncio
from collections.abc import Callable

from state.errors import KairosError
from tools.parse.detect import DOCX, HTML, MARKDOWN, PDF, PLAIN, detect
from tools.parse.document import Document, Element
from tools.parse.html import parse_html
from tools.parse.markdown import parse_markdown
from tools.parse.pdf import parse_pdf
from tools.parse.plain import parse_plain
from tools.parse.word import parse_word

__all__ = ["PARSERS", "Document", "Element", "parse"]

Parser = Callable[[str, bytes], Document]

PARSERS: dict[str, Parser] = {
    MARKDOWN: parse_markdown,
    HTML: parse_html,
    PLAIN: parse_plain,
    PDF: parse_pdf,
    DOCX: parse_word,
}

_MOST_BYTES = 50 * 2**20
_SECONDS = 60.0


async def parse(name: str, data: bytes) -> Document:
    """The document in a file, read by what the file holds, in a thread and within 60 s.

    Raises KairosError: file_empty, file_too_large, file_unsupported, file_encrypted, file_corrupt,
    file_no_text or parse_timeout. After a timeout the thread goes on until its parser returns.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(_parse, name, data), _SECONDS)
    except TimeoutError:
        raise KairosError("parse_timeout", f"{name} took longer than {_SECONDS:.0f} s to read.") from None


def _parse(name: str, data: bytes) -> Document:
    if not data.strip():
        raise KairosError("file_empty", f"{name} is empty.")
    if len(data) > _MOST_BYTES:
        raise KairosError("file_too_large", f"{name} has {len(data) >> 20} MB; at most 50 MB are read.")
    media_type = detect(name, data)
    try:
        document = PARSERS[media_type](name, data)
    except KairosError:
        raise
    except Exception as error:
        cause = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        raise KairosError("file_corrupt", f"{name} is damaged and cannot be read: {cause}.") from error
    if not document.elements:
        cause = "no text layer, only pictures" if media_type == PDF else "nothing that can be read as text"
        raise KairosError("file_no_text", f"{name} has {cause}.")
    return document


from typing import NamedTuple


class Part(NamedTuple):
    member: str
    document: Document | None
    code: str
    cause: str
    seconds: float
    peak_mb: float


async def read_parts(name: str, data: bytes) -> list[Part]:
    try:
        return [Part("", await parse(name, data), "", "", 0.0, 0.0)]
    except KairosError as e:
        return [Part("", None, e.code, e.sentence, 0, 0)]
