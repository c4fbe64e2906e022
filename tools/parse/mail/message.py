"""Messages as the standard library reads them, with the charsets and headers that real ones have."""

import email
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from tools.parse.decode import decode

_CHARSETS = {"ansi": "cp1252", "unicode": "utf-8", "x-unknown": "utf-8", "unknown-8bit": "utf-8"}


def read_message(data: bytes) -> Message:
    """The message in a file; a mailbox's line before it is passed over."""
    data = data.lstrip(b"\xef\xbb\xbf\r\n")
    if re.match(rb"From \S+ [^\n]*\d{4}", data):
        data = data.partition(b"\n")[2]
    return email.message_from_bytes(data)


def decoded(header: object) -> str:
    """A header's value in readable letters, on one line."""
    value = str(header)
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        parts = [(value, None)]
    words = [part if isinstance(part, str) else to_text(part, charset) for part, charset in parts]
    return " ".join("".join(words).split())


def content_of(part: Message) -> bytes:
    """The bytes of a part, its transfer encoding undone."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def text_of(part: Message) -> str:
    """The text of a part in the charset it names, else in the one its bytes look like."""
    return to_text(content_of(part), part.get_content_charset())


def to_text(data: bytes, charset: str | None) -> str:
    """`data` by its charset where that is known and fits, else by its look."""
    charset = _CHARSETS.get((charset or "").lower(), charset)
    if charset and charset.lower() not in ("us-ascii", "ascii"):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            pass
    return decode(data)


def is_body(part: Message) -> bool:
    """Whether a part is text to be read with the message, not a file beside it."""
    if part.get_content_disposition() == "attachment" or part.is_multipart():
        return False
    named = part.get_filename() is not None
    return part.get_content_type() in ("text/plain", "text/html") and not named


def attached_parts(message: Message) -> Iterator[Message]:
    """The parts that are neither the text nor pictures inside it, not those of attached messages."""
    stack: list[tuple[Message, str]] = [(message, "")]
    while stack:
        part, parent = stack.pop()
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind == "message/rfc822":
            if parent:
                yield part
        elif isinstance(payload, list):
            stack += [(inner, kind) for inner in reversed(payload) if isinstance(inner, Message)]
        elif not is_body(part) and not (parent == "multipart/related" and kind.startswith("image/")):
            yield part
