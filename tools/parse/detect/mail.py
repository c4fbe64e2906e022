"""Whether a text is an e-mail message or a web page saved as one."""

import re
from pathlib import PurePath

from tools.parse.media_types import EML, MHTML

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?:\s|\Z)")
_KNOWN = frozenset(
    "from to cc bcc subject date reply-to sender received return-path delivered-to message-id mime-version"
    " content-type content-transfer-encoding dkim-signature x-mailer in-reply-to references list-id".split()
)
_TELLING = frozenset("from received return-path delivered-to message-id mime-version".split())
_PAGE = re.compile(r"^(?:Snapshot-Content-Location:|From:[^\n]*<?Saved by )", re.I | re.M)
_RELATED = re.compile(r"^Content-Type:\s*multipart/related", re.I | re.M)


def detect_mail(name: str, head: str) -> str:
    """EML or MHTML where the text begins with header fields, at least three of them known; else ""."""
    fields = _fields(head)
    if len(fields & _KNOWN) < 3 or not fields & _TELLING:
        return ""
    saved = PurePath(name).suffix.lower() in (".mht", ".mhtml") or _PAGE.search(head)
    return MHTML if saved and _RELATED.search(head) else EML


def _fields(head: str) -> set[str]:
    """Names of the fields down to the first blank line; none where a line is neither field nor its rest."""
    lines = head.lstrip("\ufeff\r\n").splitlines()
    if lines and re.match(r"From \S+ .*\d{4}", lines[0]):
        del lines[0]  # the line that a mailbox file puts before a message
    fields: set[str] = set()
    for line in lines:
        if not line.strip():
            return fields
        match = _FIELD.match(line)
        if match:
            fields.add(match[1].lower())
        elif line[0] not in " \t":
            return set()
    return fields  # the head ends inside a long header
