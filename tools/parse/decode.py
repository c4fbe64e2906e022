"""Bytes to text."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z0-9_-]{2,30})")
_DECLARATION_AREA = 2048  # bytes in which a page names its encoding
_CONTROLS = bytes(range(8)) + bytes(range(14, 27)) + bytes(range(28, 32))
_SAMPLE = 65536  # bytes looked at to tell text from binary


def is_binary(data: bytes) -> bool:
    """Whether `data` has no byte order mark but a NUL, or eight and more than 1 % control characters."""
    if any(data.startswith(bom) for bom, _ in _BOMS):
        return False
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\0" in data or (controls >= 8 and controls * 100 > len(sample))


def decode(data: bytes) -> str:
    """Text by byte order mark, else UTF-8, else the encoding it declares, else Windows-1252."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(_declared(data) or "cp1252", "replace")


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_DECLARATION_AREA])
    if not match:
        return None
    try:
        codec = codecs.lookup(match.group(1).decode("ascii"))
    except LookupError:
        return None
    # Python also lists codecs that make bytes of bytes; UTF-8 has failed already.
    return codec.name if codec._is_text_encoding and codec.name != "utf-8" else None
