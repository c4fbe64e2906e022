"""Rich text kept as JSON (ProseMirror: Box notes, Atlassian, TipTap) and notebooks to blocks."""

from collections.abc import Iterator
from typing import Any

from tools.parse.document import Block

_LISTS = {"bulletlist", "orderedlist", "checklist", "tasklist", "actionlist", "decisionlist"}
_BREAKS = {"hardbreak": "\n"}


def is_rich(value: Any) -> bool:
    """Whether a JSON file is the tree of a rich text, or a notebook."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("cells"), list) and "nbformat" in value:
        return True
    root = _root(value)
    return root.get("type") == "doc" and isinstance(root.get("content"), list)


def rich_blocks(value: dict[str, Any]) -> Iterator[Block]:
    """The text in reading order."""
    if "cells" in value:
        yield from _notebook(value["cells"])
    else:
        for node in _children(_root(value)):
            yield from _blocks(node)


def _root(value: dict[str, Any]) -> dict[str, Any]:
    inner = value.get("doc")
    return inner if isinstance(inner, dict) else value


def _notebook(cells: list[Any]) -> Iterator[Block]:
    from tools.parse.markdown import markdown_blocks

    for cell in cells:
        source = cell.get("source", "") if isinstance(cell, dict) else ""
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if isinstance(cell, dict) and cell.get("cell_type") == "markdown":
            yield from markdown_blocks(text)
        elif text.strip():
            yield Block("code", text)


def _blocks(node: dict[str, Any]) -> Iterator[Block]:
    kind = _kind(node)
    if kind == "heading":
        level = str(_attributes(node).get("level", 1))
        yield Block("heading", _text(node), min(int(level), 6) if level.isdecimal() and level != "0" else 1)
    elif kind in _LISTS:
        yield Block("list", "\n".join(_items(node)))
    elif kind == "codeblock":
        yield Block("code", _text(node))
    elif kind == "table":
        rows = ([" ".join(_text(cell).split()) for cell in _children(row)] for row in _children(node))
        yield Block("table", "\n".join(" | ".join(row) for row in rows))
    elif kind in ("image", "media"):
        yield Block("image", str(_attributes(node).get("alt") or ""))
    elif any(_kind(inner) == "text" for inner in _children(node)):
        yield Block("paragraph", _text(node))
    else:
        for inner in _children(node):
            yield from _blocks(inner)


def _items(node: dict[str, Any]) -> Iterator[str]:
    """One line an item, deeper lists indented by two blanks."""
    for number, item in enumerate(_children(node), 1):
        marker = f"{number}. " if _kind(node) == "orderedlist" else "- "
        for inner in _children(item):
            if _kind(inner) in _LISTS:
                yield from ("  " + line for line in _items(inner))
            elif text := " ".join(_text(inner).split()):
                yield marker + text
                marker = "  "


def _text(node: dict[str, Any]) -> str:
    """All text below a node; blocks in it stand on lines of their own."""
    kind = _kind(node)
    if kind == "text":
        return str(node.get("text", ""))
    parts = [_text(inner) for inner in _children(node)]
    own = _BREAKS.get(kind) or str(_attributes(node).get("text") or "")  # mentions, emoji
    inline = all(_kind(inner) in ("text", "mention", "emoji", "hardbreak") for inner in _children(node))
    return own + ("" if inline else "\n").join(parts)


def _kind(node: dict[str, Any]) -> str:
    return str(node.get("type", "")).replace("_", "").lower()


def _children(node: dict[str, Any]) -> list[dict[str, Any]]:
    content = node.get("content")
    return [inner for inner in content if isinstance(inner, dict)] if isinstance(content, list) else []


def _attributes(node: dict[str, Any]) -> dict[str, Any]:
    found = node.get("attrs")
    return found if isinstance(found, dict) else {}
