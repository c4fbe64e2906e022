"""E-mail messages (EML, MSG) and web pages saved as messages (MHTML) to blocks."""

import re
from collections.abc import Iterator
from email.message import Message
from email.utils import parsedate_to_datetime

from tools.parse.assemble import assemble, clean, title_of
from tools.parse.document import Block, Document
from tools.parse.html import page_blocks
from tools.parse.mail.message import attached_parts, decoded, is_body, read_message, text_of
from tools.parse.mail.outlook import read_outlook
from tools.parse.media_types import EML, MHTML, MSG
from tools.parse.plain import text_blocks

_SHOWN = ("Subject", "From", "To", "Cc", "Date")
_QUOTED = re.compile(r"[ \t]*>+[ \t]?")
# A line that begins a quoted message, as the usual programs write it.
_BEGINS_QUOTE = re.compile(
    r"-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine|Mensaje original)\s*-{2,}"
    r"|(?:On|Am|Le|El|Il)\b[^\n]{5,200}(?:wrote|schrieb|a écrit|escribió|ha scritto)[^\n]{0,80}:",
    re.IGNORECASE,
)
_LEAST_SHARE = 0.1  # of the page's words; a text part below that only says that there is a page


def parse_mail(name: str, data: bytes) -> Document:
    """An EML file: header fields, the text (of the HTML part where there is no other), quoted messages apart."""
    return _document(name, read_message(data), EML)


def parse_outlook(name: str, data: bytes) -> Document:
    """An Outlook message, as `parse_mail`."""
    return _document(name, read_outlook(data), MSG)


def parse_saved_page(name: str, data: bytes) -> Document:
    """The page of an MHTML file: its first HTML part."""
    message = read_message(data)
    page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    blocks = [] if page is None else page_blocks(text_of(page))
    return assemble(decoded(message.get("Subject", "")) or title_of(name, blocks), MHTML, blocks)


def _document(name: str, message: Message, media_type: str) -> Document:
    fields = {field: decoded(message[field]) for field in _SHOWN if message[field]}
    attached = [decoded(part.get_filename() or "") for part in attached_parts(message)]
    if any(attached):
        fields["Attachments"] = ", ".join(filter(None, attached))
    head = Block("paragraph", "\n".join(f"{field}: {value}" for field, value in fields.items()))
    blocks = [head, *_body(message)]
    metadata = {"author": fields.get("From", ""), "date": _date(fields.get("Date", ""))}
    title = fields.get("Subject") or title_of(name, blocks)
    return assemble(
        title, media_type, blocks, metadata={key: value for key, value in metadata.items() if value}
    )


def _body(message: Message) -> Iterator[Block]:
    parts = [part for part in message.walk() if is_body(part)]
    plain = "\n\n".join(text_of(part) for part in parts if part.get_content_type() == "text/plain")
    pages = [
        block
        for part in parts
        if part.get_content_type() == "text/html"
        for block in page_blocks(text_of(part))
    ]
    if pages and len(plain.split()) < _LEAST_SHARE * sum(len(block.text.split()) for block in pages) + 1:
        yield from pages
    else:
        yield from quoted_apart(clean(plain))


def quoted_apart(text: str) -> Iterator[Block]:
    """The blocks of a plain text; what it quotes stands in blocks of its own, under the line that says whose it is."""
    held: list[str] = []
    depth = 0
    for line in text.split("\n"):
        marks = _QUOTED.match(line)
        deeper = marks[0].count(">") if marks else 0
        line = line[marks.end() :] if marks else line
        opens = bool(_BEGINS_QUOTE.fullmatch(line.strip()))
        if (deeper != depth and line.strip()) or opens:
            yield from text_blocks("\n".join(held))
            held, depth = [], deeper
        if opens:
            yield Block("heading", line.strip().strip("- "), 2)
        else:
            held.append(line)
    yield from text_blocks("\n".join(held))


def _date(value: str) -> str:
    try:
        return parsedate_to_datetime(value).isoformat()
    except (TypeError, ValueError, IndexError):
        return ""
