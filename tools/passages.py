"""Passages of documents, and the block of numbered passages that every model sees."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NOT_FOUND = "The documents do not say."

# A body holds no "<", so no pattern here goes back over it: linear time.
_PASSAGE = re.compile(
    r'<passage-(\w{1,64}) id="(\d{1,9})" title="([^"<]*+)" section="([^"<]*+)">\n([^<]*+)</passage-\1>'
)
_BLOCK = re.compile(
    r'<passages mark="(\w{1,64})">\n((?:<passage-\1 [^<>]*+>[^<]*+</passage-\1>\n)*+)</passages>'
)
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


def render(passages: Sequence[Passage], mark: str) -> str:
    """The passages as one block, numbered 1 to n, between tags that end in `mark` (letters and digits).

    They cannot end a passage: their own markup is escaped, and the mark, drawn anew for every prompt, is unknown to
    whoever wrote them (spotlighting: Hines et al. 2024).
    """
    if not passages:
        return ""
    inside = "".join(_render(number, passage, mark) for number, passage in enumerate(passages, 1))
    return f'<passages mark="{mark}">\n{inside}</passages>'


def parse(text: str) -> list[Passage]:
    """The passages of the first block, best first; the id is the number, and no document or offset is known."""
    block = _BLOCK.search(text)
    return [
        Passage(number, "", _plain(title), _plain(body.removesuffix("\n")), 0, None, _headings(section), 0.0)
        for _, number, title, section, body in (_PASSAGE.findall(block[2]) if block else ())
    ]


def without_passages(text: str) -> str:
    """The text with every rendered block cut out."""
    return _BLOCK.sub("", text).strip()


def segments(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, in order, each with whether it comes from a document; markup of passages does not."""
    at = 0
    for block in _BLOCK.finditer(text):
        for passage in _PASSAGE.finditer(text, *block.span(2)):
            for group in (3, 4, 5):
                yield False, text[at : passage.start(group)]
                yield True, passage[group]
                at = passage.end(group)
    yield False, text[at:]


def _render(number: int, passage: Passage, mark: str) -> str:
    section = _BETWEEN.join(_attribute(heading) for heading in passage.headings)
    return (
        f'<passage-{mark} id="{number}" title="{_attribute(passage.title)}" section="{section}">\n'
        f"{_escape(passage.text)}\n</passage-{mark}>\n"
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
