"""Passages of documents, and the block of numbered passages that every model sees."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NOT_FOUND = "The documents do not say."

_BLOCK = re.compile(r'<passage id="(\d+)" title="([^"]*)" section="([^"]*)">\n?(.*?)\n?</passage>', re.DOTALL)
_BETWEEN = " > "


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document; `start` is the character offset of `text` in its document, `page` counts from 1."""

    id: str
    document: str
    title: str
    text: str
    start: int
    page: int | None
    headings: tuple[str, ...]
    score: float


def render(passages: Sequence[Passage]) -> str:
    """The passages as one block, numbered 1 to n; their own markup is escaped, so that it cannot end a passage."""
    return "\n".join(_render(number, passage) for number, passage in enumerate(passages, 1))


def parse(text: str) -> list[Passage]:
    """The passages of a rendered block, best first; the id is the number, and no document or offset is known."""
    return [
        Passage(number, "", _plain(title), _plain(body), 0, None, _headings(section), 0.0)
        for number, title, section, body in _BLOCK.findall(text)
    ]


def without_passages(text: str) -> str:
    """The text with every rendered passage cut out."""
    return _BLOCK.sub("", text).strip()


def segments(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, in order, each with whether it comes from a document; markup of passages does not."""
    at = 0
    for block in _BLOCK.finditer(text):
        for group in (2, 3, 4):
            yield False, text[at : block.start(group)]
            yield True, block[group]
            at = block.end(group)
    yield False, text[at:]


def _render(number: int, passage: Passage) -> str:
    section = _BETWEEN.join(_attribute(heading) for heading in passage.headings)
    return (
        f'<passage id="{number}" title="{_attribute(passage.title)}" section="{section}">\n'
        f"{_escape(passage.text)}\n</passage>"
    )


def _headings(section: str) -> tuple[str, ...]:
    return tuple(_plain(heading) for heading in section.split(_BETWEEN)) if section else ()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _attribute(text: str) -> str:
    return " ".join(_escape(text).replace('"', "&quot;").replace(">", "&gt;").split())


def _plain(text: str) -> str:
    for entity, character in (("&quot;", '"'), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text
