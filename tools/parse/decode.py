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
_PRINTED = bytes(byte for byte in range(256) if byte not in _CONTROLS)
_SAMPLE = 65536  # bytes looked at to tell text from binary


def is_binary(data: bytes) -> bool:
    """Whether `data` has no byte order mark but a NUL, or eight and more than 1 % control characters."""
    if any(data.startswith(bom) for bom, _ in _BOMS) or _wide(data):
        return False
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\0" in data or (controls >= 8 and controls * 100 > len(sample))


def decode(data: bytes) -> str:
    """Text by byte order mark, else UTF-16 by its look, else UTF-8, else the encoding it declares, else Windows-1252."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    if wide := _wide(data):
        return data.decode(wide, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(_declared(data) or "cp1252", "replace")


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every second byte is NUL in most letters, and hardly any other; "" for all else."""
    sample = data[: _SAMPLE // 16]
    first, second = sample[::2], sample[1::2]
    if len(second) < 4 or b"\0" not in sample:
        return ""
    for high, low, encoding in ((second, first, "utf-16-le"), (first, second, "utf-16-be")):
        zeros = high.count(0)
        if zeros * 10 > 7 * len(high) and not low.count(0) and not low.translate(None, _PRINTED):
            return encoding
    return ""


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
