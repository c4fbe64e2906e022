"""The visible text of a Word file's XML."""

from collections.abc import Iterator
from typing import Any

from tools.parse.word.styles import W

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_PRINTED = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BEFORE = {f"{_M}sup": "^", f"{_M}den": "/", f"{_M}rad": "√"}  # what parts of a formula mean, on one line
_TEXT = frozenset({f"{W}t", f"{_M}t"})
_UNREAD = frozenset(
    {f"{W}{tag}" for tag in ("del", "moveFrom", "pPr", "rPr", "rt", "sdtPr")} | {f"{_MC}Fallback"}
)
_CONTAINERS = frozenset(
    {f"{W}{tag}" for tag in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo")}
    | {f"{_MC}AlternateContent", f"{_MC}Choice"}
)
_OFF = ("0", "false", "off")


def is_read(node: Any) -> bool:
    """Whether what is below `node` can be seen: no tracked deletion, hidden run or prompt to fill in a field."""
    if node.tag in _UNREAD:
        return False
    if node.tag == f"{W}r":
        return not is_on(node.find(f"{W}rPr/{W}vanish"))
    return node.tag != f"{W}sdt" or not is_on(node.find(f"{W}sdtPr/{W}showingPlcHdr"))


def is_on(switch: Any) -> bool:
    """Whether a switch is there and not set to off."""
    return switch is not None and switch.get(f"{W}val", "1") not in _OFF


def body_parts(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables below `parent`, through content controls and insertions."""
    return children(parent, "p", "tbl")


def children(parent: Any, *tags: str) -> Iterator[Any]:
    """Children with one of `tags`, through content controls and insertions."""
    names = {f"{W}{tag}" for tag in tags}
    stack = list(reversed(parent))
    while stack:
        node = stack.pop()
        if node.tag in names:
            yield node
        elif node.tag in _CONTAINERS and is_read(node):
            stack.extend(reversed(node))


def paragraph_text(paragraph: Any) -> str:
    """Text of all visible runs, inserted ones, links and fields too; that of text boxes stands apart."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        node = stack.pop()
        if node.tag in _TEXT:
            parts.append(node.text or "")
        elif node.tag in _PRINTED:
            parts.append(_PRINTED[node.tag])
        elif node.tag != f"{W}txbxContent" and is_read(node):
            parts.append(_BEFORE.get(node.tag, ""))
            stack.extend(reversed(node))
    return "".join(parts)
