"""What the styles and numberings of a Word file say about a paragraph."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MOST_BASES = 20  # a style may be based on another; a damaged file may close the chain to a ring
_BODY_LEVEL = 9  # the outline level that means "body text"
_CODES = frozenset(
    {"html preformatted", "plain text", "code", "code block", "source code", "preformatted text"}
)
_PLACE = re.compile(r"%([1-9])")
_DEEPEST = 8  # Word has nine list levels


class Style(NamedTuple):
    """Heading level (0: none), numbering id ("": no list), list depth from 0, and what else a style tells."""

    heading: int = 0
    list_id: str = ""
    depth: int = 0
    kind: Literal["", "caption", "code", "contents"] = ""


class ListLevel(NamedTuple):
    """Whether a level of a list is numbered, its first number, and its label, such as "%1.%2" in decimals."""

    numbered: bool
    first: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Lists:
    """Styles by id, list levels by numbering id and depth, and the last number of each while reading."""

    styles: dict[str, Style]
    levels: dict[tuple[str, int], ListLevel]
    counts: dict[str, dict[int, int]] = field(default_factory=dict)


def read_lists(document: "WordDocument") -> Lists:
    """What the file says of styles, inherited parts too, and of lists."""
    root = document.styles.element
    elements = {element.get(f"{W}styleId", ""): element for element in root.iter(f"{W}style")}
    styles = {style_id: _inherited(style_id, elements) for style_id in elements}
    return Lists(styles, _list_levels(document))


def style_of(paragraph: Any, lists: Lists) -> Style:
    """What a paragraph says of itself, else what its style says."""
    own = _with_properties(paragraph, Style())
    style = lists.styles.get(_value(paragraph.find(f"{W}pPr/{W}pStyle")) or "", Style())
    depth = own.depth or style.depth
    return Style(style.heading or own.heading, own.list_id or style.list_id, depth, style.kind)


def list_marker(style: Style, lists: Lists) -> str:
    """The indented marker of the next item of a list: a dash or its number."""
    level, number = _count(style, lists)
    return "  " * style.depth + (f"{number}. " if level.numbered else "- ")


def heading_number(style: Style, lists: Lists) -> str:
    """The number that Word puts before the next heading, and a blank; empty where it has none in decimals."""
    if not style.list_id.strip("0"):
        return ""
    level, _ = _count(style, lists)
    if not level.label:
        return ""
    counted = lists.counts[style.list_id]
    label = _PLACE.sub(lambda place: str(counted.get(int(place[1]) - 1, 1)), level.label)
    return f"{label} "


def _count(style: Style, lists: Lists) -> tuple[ListLevel, int]:
    """The level that a paragraph stands on in its list, and its number there."""
    level = lists.levels.get((style.list_id, style.depth), ListLevel(False, 1))
    counted = lists.counts.get(style.list_id, {})
    number = counted.get(style.depth, level.first - 1) + 1
    above = {depth: last for depth, last in counted.items() if depth < style.depth}
    lists.counts[style.list_id] = above | {style.depth: number}
    return level, number


def _inherited(style_id: str, elements: dict[str, Any]) -> Style:
    found = Style()
    for _ in range(_MOST_BASES):
        element = elements.get(style_id)
        if element is None:
            break
        name = (_value(element.find(f"{W}name")) or "").lower()
        own = _with_properties(element, found)
        heading = own.heading or _named_level(name)
        found = own._replace(heading=heading, kind=found.kind or _named_kind(name))
        style_id = _value(element.find(f"{W}basedOn")) or ""
    return found


def _named_level(name: str) -> int:
    if name == "title":
        return 1
    level = name.removeprefix("heading ")
    return min(int(level), 6) if level != name and level.isdecimal() else 0


def _named_kind(name: str) -> Literal["", "caption", "code", "contents"]:
    if name == "caption":
        return "caption"
    if name.startswith(("toc ", "table of figures")):
        return "contents"
    return "code" if name in _CODES else ""


def _with_properties(element: Any, style: Style) -> Style:
    """`style` with what the paragraph properties of `element` add where it is silent."""
    outline = _value(element.find(f"{W}pPr/{W}outlineLvl"))
    heading = style.heading
    if not heading and outline and outline.isdecimal() and int(outline) < _BODY_LEVEL:
        heading = min(int(outline) + 1, 6)
    numbering = element.find(f"{W}pPr/{W}numPr")
    if numbering is None or style.list_id:
        return style._replace(heading=heading)
    depth = _value(numbering.find(f"{W}ilvl")) or "0"
    list_id = _value(numbering.find(f"{W}numId")) or ""
    place = min(int(depth), _DEEPEST) if depth.isdecimal() else 0
    return style._replace(heading=heading, list_id=list_id, depth=place)


def _list_levels(document: "WordDocument") -> dict[tuple[str, int], ListLevel]:
    """(numbering id, depth) to its kind of level; empty where the file has no lists."""
    relations = document.part.rels.values()
    part = next((rel.target_part for rel in relations if rel.reltype.endswith("/numbering")), None)
    if part is None:
        return {}
    abstract = {
        element.get(f"{W}abstractNumId"): list(element.iter(f"{W}lvl"))
        for element in part.element.iter(f"{W}abstractNum")
    }
    return {
        (number.get(f"{W}numId", ""), depth): _level(level)
        for number in part.element.iter(f"{W}num")
        for depth, level in enumerate(abstract.get(_value(number.find(f"{W}abstractNumId")), []))
    }


def _level(element: Any) -> ListLevel:
    form = _value(element.find(f"{W}numFmt")) or "bullet"
    first = _value(element.find(f"{W}start")) or "1"
    label = (_value(element.find(f"{W}lvlText")) or "") if form == "decimal" else ""
    return ListLevel(form not in ("bullet", "none"), int(first) if first.isdecimal() else 1, label)


def _value(element: Any) -> str | None:
    return None if element is None else element.get(f"{W}val")
