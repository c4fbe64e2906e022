"""Addresses in a text as a client would render it: Markdown (CommonMark 0.31, GFM), HTML, and bare ones."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tools.guard.tags import Tag, tags

Use = Literal["image", "link", "html", "script"]


@dataclass(frozen=True, slots=True)
class Address:
    """Characters `start` to `end` (exclusive) use the address `target` (entities and blanks taken out) as a `use`."""

    start: int
    end: int
    target: str
    use: Use


# What follows a label: an address in brackets, a title. Each part is bounded and possessive: linear time.
_INLINE = re.compile(
    r"\]\(\s{0,20}+(<[^<>\n]{0,4000}+>?|[^\s()<>]{0,4000}+(?:\([^\s()<>]{0,1000}+\)[^\s()<>]{0,4000}+){0,4}+)"
    r"(?:[^()\n]{0,500}+\))?+"
)
_DEFINED = re.compile(
    r"^[ >*+\-]{0,12}+\[([^\[\]\n]{1,300}+)\]:\s{0,20}+(<[^<>\n]{0,4000}+>?|\S{1,4000}+)", re.M
)
_LABEL = re.compile(r"\[([^\[\]\n]{1,300}+)\](?!:)")
_BRACKET = re.compile(r"\\.|[\[\]]", re.S)
_COLON = "(?::|&#0{0,5}58;|&#x0{0,5}3a;|&colon;)"
_BARE = re.compile(
    rf"(?:(?:https?|ftps?|wss?|file){_COLON}[\\/]{{2}}|\bwww\.|\bmailto{_COLON}|\bjavascript{_COLON}(?=[\w.]{{1,40}}[(=])"
    rf"|\bdata{_COLON}[a-z]{{1,20}}/[\w.+-]{{1,60}}[;,])[^\s<>\"'`|]{{1,4000}}+",
    re.I,
)
# Chat clients make links of these too; only one that carries a query is worth the look.
_NO_SCHEME = re.compile(
    r"(?<![\w./@-])(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}/[^\s<>\"'`|?]{0,2000}+\?[^\s<>\"'`|]{1,4000}+", re.I
)
_TAIL = ".,;:!?)]}*_~\\"
_BLANKS = re.compile(r"[\x00-\x20]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,30}:", re.I)
_LOADS = frozenset({"img", "picture", "source", "video", "audio", "track", "image", "input"})
_CSS = re.compile(r"(?:url\(|@import)\s{0,9}+[\"']?([^\"')\s;]{1,4000}+)", re.I)


def addresses(text: str) -> list[Address]:
    """Every address that leads elsewhere, in order, and script; an address in a link is not told again as bare."""
    found = [*_marked(text), *(one for tag in tags(text) for one in _in_tag(tag))]
    taken = bytearray(len(text))
    for one in found:
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
    for pattern in (_BARE, _NO_SCHEME):
        for match in pattern.finditer(text):
            target = match[0].rstrip(_TAIL)
            end = match.start() + len(target)
            if taken.find(1, match.start(), end) < 0:
                taken[match.start() : end] = b"\1" * len(target)
                found.append(Address(match.start(), end, _tidy(target), "link"))
    return sorted(found, key=lambda one: one.start)


def leads_out(target: str) -> bool:
    """Whether it names a host or a scheme, not a place in the same site."""
    return target.replace("\\", "/").startswith("//") or _SCHEME.match(target) is not None


def _tidy(target: str) -> str:
    """As a browser reads it: without entities, blanks and control characters."""
    return _BLANKS.sub("", html.unescape(target.strip("<>")))


def _marked(text: str) -> Iterator[Address]:
    if "]" not in text:
        return
    opened = _opened(text)
    for match in _INLINE.finditer(text):
        start = opened.get(match.start(), match.start())
        image = start > 0 and text[start - 1] == "!"
        if leads_out(target := _tidy(match[1])):
            yield Address(start - image, match.end(), target, "image" if image else "link")
    used = {match[1].casefold() for match in _LABEL.finditer(text)} if "![" in text else set()
    for match in _DEFINED.finditer(text):
        if leads_out(target := _tidy(match[2])):
            yield Address(*match.span(), target, "image" if match[1].casefold() in used else "link")


def _opened(text: str) -> dict[int, int]:
    """Where the bracket that each closing bracket belongs to was opened."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for match in _BRACKET.finditer(text):
        if match[0] == "[":
            waiting.append(match.start())
        elif match[0] == "]" and waiting:
            found[match.start()] = waiting.pop()
    return found


def _in_tag(tag: Tag) -> Iterator[Address]:
    span = tag.start, tag.end
    if tag.script:
        yield Address(*span, "", "script")
    elif tag.active:
        yield Address(*span, "", "html")
    for name, value in tag.values:
        for target in _targets(name, value):
            if leads_out(target):
                yield Address(*span, target, _use(tag, name))


def _targets(name: str, value: str) -> Iterator[str]:
    match name:
        case "style" | "css":
            yield from (_tidy(found) for found in _CSS.findall(html.unescape(value)))
        case "srcset" | "imagesrcset" | "ping":
            yield from (_tidy(part) for part in re.split(r"[\s,]+", value) if part)
        case _:
            yield _tidy(value)


def _use(tag: Tag, name: str) -> Use:
    if tag.name == "script":
        return "script"
    if tag.name in ("a", "area") and name == "href":
        return "link"
    return "image" if tag.name in _LOADS else "html"
