"""Outlook messages (MSG) as messages of the standard library."""

import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from typing import TYPE_CHECKING

from tools.parse.assemble import clean
from tools.parse.decode import decode

if TYPE_CHECKING:
    from olefile import OleFileIO

# Properties by their numbers, as [MS-OXPROPS] lists them.
_SUBJECT, _SENDER, _SENDER_ADDRESS, _SMTP_ADDRESS = "0037", "0C1A", "0C1F", "5D01"
_TO, _CC, _BODY, _HTML = "0E04", "0E03", "1000", "1013"
_CONTENT, _LONG_NAME, _SHORT_NAME, _CONTENT_ID = "3701", "3707", "3704", "3712"
_EMBEDDED = "__substg1.0_3701000D"
_SENT, _DELIVERED = 0x0039, 0x0E06
_CODE_PAGES = (0x3FFD, 0x3FDE)  # of the message, of the internet
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_DEEPEST = 5  # messages inside messages

Folder = list[str]


def read_outlook(data: bytes) -> Message:
    """The message with its text, page and attachments; attached messages are message/rfc822 parts."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as container:
        return _message(container, [], _DEEPEST)


def _message(container: "OleFileIO", folder: Folder, depth: int) -> Message:
    numbers = _numbers(container, folder)
    code_page = next((f"cp{numbers[key]}" for key in _CODE_PAGES if numbers.get(key)), "cp1252")

    def text(number: str, inside: Folder = folder) -> str:
        return _text(container, inside, number, code_page)

    message = MIMEMultipart()
    for field, value in {
        "Subject": text(_SUBJECT),
        "From": _sender(text(_SENDER), text(_SMTP_ADDRESS) or text(_SENDER_ADDRESS)),
        "To": text(_TO),
        "Cc": text(_CC),
        "Date": _date(numbers.get(_SENT) or numbers.get(_DELIVERED) or 0),
    }.items():
        if value:
            message[field] = " ".join(clean(value).split())
    page = decode(_bytes(container, folder, _HTML)) or text(_HTML)
    message.attach(_alternatives(text(_BODY), page))
    for inner in _attachments(container, folder):
        if [*inner, _EMBEDDED] in container.listdir(streams=False, storages=True):
            if depth:
                message.attach(MIMEMessage(_message(container, [*inner, _EMBEDDED], depth - 1)))
        elif not ((content_id := text(_CONTENT_ID, inner)) and f"cid:{content_id}" in page):
            part = MIMEApplication(_bytes(container, inner, _CONTENT))
            name = text(_LONG_NAME, inner) or text(_SHORT_NAME, inner)
            part.add_header("Content-Disposition", "attachment", filename=clean(name) or "attachment")
            message.attach(part)
    return message


def _alternatives(plain: str, page: str) -> Message:
    both = MIMEMultipart("alternative")
    for text, kind in ((plain, "plain"), (page, "html")):
        if text:
            both.attach(MIMEText(text, kind, "utf-8"))
    return both


def _sender(name: str, address: str) -> str:
    return f"{name} <{address}>" if "@" in address and address not in name else name or address


def _attachments(container: "OleFileIO", folder: Folder) -> Iterator[Folder]:
    depth = len(folder)
    for path in container.listdir(streams=False, storages=True):
        if len(path) == depth + 1 and path[:depth] == folder and path[-1].startswith("__attach_version1.0"):
            yield path


def _text(container: "OleFileIO", folder: Folder, number: str, code_page: str) -> str:
    """A string property, kept in UTF-16 or in the code page of the message."""
    wide = _stream(container, folder, f"__substg1.0_{number}001F")
    if wide:
        return wide.decode("utf-16-le", "replace").rstrip("\0")
    narrow = _stream(container, folder, f"__substg1.0_{number}001E").rstrip(b"\0")
    try:
        return narrow.decode("utf-8" if code_page == "cp65001" else code_page)
    except (LookupError, ValueError):
        return decode(narrow)


def _bytes(container: "OleFileIO", folder: Folder, number: str) -> bytes:
    return _stream(container, folder, f"__substg1.0_{number}0102")


def _stream(container: "OleFileIO", folder: Folder, name: str) -> bytes:
    path = [*folder, name]
    if not container.exists(path):
        return b""
    content: bytes = container.openstream(path).read()
    return content


def _numbers(container: "OleFileIO", folder: Folder) -> dict[int, int]:
    """The properties of fixed size by their number: a header, then 16 bytes each."""
    data = _stream(container, folder, "__properties_version1.0")
    start = 24 if folder else 32
    whole = data[start : len(data) - (len(data) - start) % 16]
    return {tag >> 16: value for tag, _, value in struct.iter_unpack("<IIQ", whole)}


def _date(ticks: int) -> str:
    """A time in units of 100 ns since 1601 as a header's date."""
    try:
        return format_datetime(_EPOCH + timedelta(microseconds=ticks // 10)) if ticks else ""
    except (OverflowError, ValueError):
        return ""
