"""The attachments of messages and PDFs."""

from collections.abc import Iterator
from email.message import Message
from itertools import count

from tools.parse.mail.message import attached_parts, content_of, decoded, read_message
from tools.parse.mail.outlook import read_outlook
from tools.parse.pdf.attachments import attachments

_SUFFIXES = {"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics"}

Files = Iterator[tuple[str, Iterator[bytes]]]


def in_mail(_name: str, data: bytes, _left: int) -> Files:
    """Name and bytes of each attachment; pictures that only adorn the text are left out."""
    return _attachments(read_message(data))


def in_outlook(_name: str, data: bytes, _left: int) -> Files:
    """As `in_mail`; a message that is attached becomes an EML file."""
    return _attachments(read_outlook(data))


def in_pdf(name: str, data: bytes, _left: int) -> Files:
    """Name and bytes of each file that a PDF carries."""
    for path, content in attachments(name, data):
        yield path, iter([content])


def _attachments(message: Message) -> Files:
    numbers = count(1)
    for part in attached_parts(message):
        kind = part.get_content_type()
        name = decoded(part.get_filename() or "")
        if not name and kind == "message/rfc822":
            name = decoded(str(_inner(part).get("Subject", ""))).replace("/", " ")
        name = name or f"attachment {next(numbers)}"
        if kind == "message/rfc822" or "." not in name:
            name = name.removesuffix(".eml") + _SUFFIXES.get(kind, "")
        yield name.replace("/", "_"), iter([_bytes(part)])


def _bytes(part: Message) -> bytes:
    return _inner(part).as_bytes() if part.get_content_type() == "message/rfc822" else content_of(part)


def _inner(part: Message) -> Message:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else part
    return inner if isinstance(inner, Message) else part
