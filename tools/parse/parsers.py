"""Files to documents: one function, and one parser for each media type."""

from collections.abc import Callable

from state.errors import KairosError
from tools.parse import media_types as types
from tools.parse.asciidoc import parse_asciidoc
from tools.parse.delimited import parse_csv, parse_tsv
from tools.parse.detect import detect
from tools.parse.document import Document
from tools.parse.html import parse_html
from tools.parse.html.epub import parse_epub
from tools.parse.json import parse_json, parse_json_lines
from tools.parse.latex import parse_latex
from tools.parse.mail import parse_mail, parse_outlook, parse_saved_page
from tools.parse.markdown import parse_markdown
from tools.parse.ocr.picture import parse_picture
from tools.parse.odf import parse_odp, parse_odt
from tools.parse.office.powerpoint_97 import parse_powerpoint_97
from tools.parse.office.word_97 import parse_word_97
from tools.parse.pdf import parse_pdf
from tools.parse.plain import parse_plain
from tools.parse.restructured import parse_restructured
from tools.parse.rich_text import parse_rich_text
from tools.parse.slides import parse_slides
from tools.parse.subtitles import parse_subtitles
from tools.parse.word import parse_word
from tools.parse.workbook import parse_ods, parse_xls, parse_xlsb, parse_xlsx
from tools.parse.xml import parse_xml

Parser = Callable[[str, bytes], Document]

PARSERS: dict[str, Parser] = {
    types.PLAIN: parse_plain,
    types.MARKDOWN: parse_markdown,
    types.ASCIIDOC: parse_asciidoc,
    types.LATEX: parse_latex,
    types.RESTRUCTURED: parse_restructured,
    types.HTML: parse_html,
    types.MHTML: parse_saved_page,
    types.XML: parse_xml,
    types.JSON: parse_json,
    types.JSONL: parse_json_lines,
    types.VTT: parse_subtitles,
    types.SRT: parse_subtitles,
    types.EPUB: parse_epub,
    types.EML: parse_mail,
    types.MSG: parse_outlook,
    types.RTF: parse_rich_text,
    types.PDF: parse_pdf,
    types.DOCX: parse_word,
    types.DOC: parse_word_97,
    types.PPTX: parse_slides,
    types.PPT: parse_powerpoint_97,
    types.XLSX: parse_xlsx,
    types.XLSB: parse_xlsb,
    types.XLS: parse_xls,
    types.ODT: parse_odt,
    types.ODP: parse_odp,
    types.ODS: parse_ods,
    types.CSV: parse_csv,
    types.TSV: parse_tsv,
    types.PNG: parse_picture,
    types.JPEG: parse_picture,
    types.TIFF: parse_picture,
    types.WEBP: parse_picture,
    types.GIF: parse_picture,
    types.BMP: parse_picture,
}


def parse(name: str, data: bytes) -> Document:
    """The document in a file, read by what the file holds; `tools.workers` does this within limits.

    Raises KairosError: file_empty, file_too_large, file_unsupported, file_encrypted, file_corrupt or file_no_text.
    """
    return document_of(name, detect(name, data), data)


def document_of(name: str, media_type: str, data: bytes) -> Document:
    """The document in a file of a known kind.

    Raises KairosError: file_unsupported, file_encrypted, file_corrupt or file_no_text; MemoryError.
    """
    if media_type not in PARSERS:
        raise KairosError("file_unsupported", f"{name} is of a kind that is not read: {media_type}.")
    try:
        document = PARSERS[media_type](name, data)
    except (KairosError, MemoryError):
        raise
    except RecursionError as error:
        raise KairosError("file_corrupt", f"{name} cannot be read: it is nested too deep.") from error
    except Exception as error:
        cause = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        raise KairosError("file_corrupt", f"{name} is damaged and cannot be read: {cause}.") from error
    if not document.elements:
        raise KairosError("file_no_text", f"{name} has nothing that can be read as text.")
    return document
