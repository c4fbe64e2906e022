"""Which kind of text a file is: by its first lines where they are sure, else by the ending of its name."""

import json
import re
from pathlib import PurePath

from tools.parse.decode import decode
from tools.parse.detect.mail import detect_mail
from tools.parse.detect.rows import detect_rows
from tools.parse.media_types import (
    ASCIIDOC,
    CSV,
    HTML,
    JSON,
    JSONL,
    LATEX,
    MARKDOWN,
    PLAIN,
    RESTRUCTURED,
    SRT,
    TSV,
    VTT,
    XML,
)

_HEAD = 16_384  # bytes that show the kind of a text
_SUFFIXES = {
    MARKDOWN: (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"),
    HTML: (".html", ".htm", ".xhtml", ".shtml"),
    ASCIIDOC: (".adoc", ".asciidoc", ".asc", ".ad"),
    RESTRUCTURED: (".rst", ".rest"),
    LATEX: (".tex", ".ltx", ".latex"),
    CSV: (".csv", ".psv", ".ssv"),
    TSV: (".tsv", ".tab"),
    JSON: (".json", ".boxnote", ".geojson"),
    JSONL: (".jsonl", ".ndjson"),
    XML: (".xml", ".nxml", ".dita", ".fb2", ".dbk"),
}
_BY_SUFFIX = {suffix: media_type for media_type, suffixes in _SUFFIXES.items() for suffix in suffixes}
_MARKUP = (MARKDOWN, ASCIIDOC, RESTRUCTURED, LATEX)

# One way to match each stretch, for linear time: Python before 3.11.5 reads possessive groups wrong (gh-106052).
_COMMENT = r"<!--[^-]*(?:-(?!->)[^-]*)*-->"
_BEFORE = rf"\s*(?:(?:<\?xml[^>]*>|{_COMMENT})\s*)*"
_AROUND = rf"(?:(?:<\?[^>]*>|{_COMMENT})\s*)*"
_DOCTYPE = r"<!DOCTYPE\s+[^\[>]*(?:\[[^\]]*(?:\](?!\s*>)[^\]]*)*\]\s*)?>\s*"
_HTML_START = re.compile(_BEFORE + r"<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_XML_START = re.compile(rf"\s*{_AROUND}(?:{_DOCTYPE})?{_AROUND}<([A-Za-z_][\w:.-]*)", re.S)
_XML_END = re.compile(r"</([A-Za-z_][\w:.-]*)\s*>\s*(?:<!--[^<>]*-->\s*)*\Z")
_TAG_START = re.compile(r"\s*<(?:div|p|h[1-6]|table|ul|ol|section|article|main|meta|title)\b", re.I)
_TAG = re.compile(r"</?[a-z][a-z0-9]*[\s/>]", re.I)
_JSON_START = re.compile(r"\s*+(?:\{\s*+[\"}]|\[\s*+(?:[\"\]\[{]|-?\d|true|false|null))")
_VTT_START = re.compile(r"\ufeff?WEBVTT(?:[ \t\r\n]|\Z)")
_SRT_START = re.compile(r"\ufeff?\s*\d+[ \t]*\r?\n\d{1,3}:\d\d:\d\d[,.]\d{1,3}[ \t]+-->")
_LATEX_START = re.compile(
    r"(?:\s*(?:%[^\n]*\n|\\(?!documentclass|begin)[^\n]*\n))*\s*\\(?:documentclass|begin\{document\})"
)


def detect_text(name: str, data: bytes) -> str:
    """Media type of a text; PLAIN where nothing says more."""
    head = decode(data[:_HEAD])
    named = _BY_SUFFIX.get(PurePath(name).suffix.lower(), PLAIN)
    if _HTML_START.match(head):
        return HTML
    return (
        _subtitles(head) or detect_mail(name, head) or _json(data, head, named) or _markup(data, head, named)
    )


def _subtitles(head: str) -> str:
    if _VTT_START.match(head):
        return VTT
    return SRT if _SRT_START.match(head) else ""


def _json(data: bytes, head: str, named: str) -> str:
    """JSON or JSONL; without such a name only where it is whole, for prose may begin with a bracket too."""
    if not _JSON_START.match(head):
        return ""
    if named in (JSON, JSONL):
        return JSONL if named == JSONL or _is_jsonl(head) else JSON
    if _is_jsonl(head):
        return JSONL
    try:
        json.loads(decode(data))
    except (ValueError, RecursionError):
        return ""
    return JSON


def _is_jsonl(head: str) -> bool:
    """Whether the first two lines are whole objects."""
    lines = [line for line in head.splitlines()[:20] if line.strip()][:2]
    try:
        return len(lines) == 2 and all(isinstance(json.loads(line), dict | list) for line in lines)
    except (ValueError, RecursionError):
        return False


def _markup(data: bytes, head: str, named: str) -> str:
    if named == MARKDOWN and not head.lstrip().startswith("<?xml"):
        return MARKDOWN
    if _is_xml(data, head, named):
        return XML
    if _TAG_START.match(head) or (named == HTML and _TAG.search(head)):
        return HTML
    if _LATEX_START.match(head):
        return LATEX
    if named in _MARKUP or named in (CSV, TSV):
        return named
    return detect_rows(head, len(data) > _HEAD) or PLAIN


def _is_xml(data: bytes, head: str, named: str) -> bool:
    """A declaration, or a first tag that the last one closes; a tag of HTML only where the name says XML."""
    if re.match(r"\s*<(?:\?xml|svg|!DOCTYPE)\b", head):
        return True
    start, end = _XML_START.match(head), _XML_END.search(decode(data[-1024:]))
    return bool(start and end and start[1] == end[1] and (named == XML or not _TAG_START.match(head)))
