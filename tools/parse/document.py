"""What every parser makes of a file: one readable text and the elements in it."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["heading", "paragraph", "list", "table", "code", "caption", "image"]


@dataclass(frozen=True, slots=True)
class Element:
    """One block of a document: the characters `start:end`, heading level (1 to 6), page (from 1)."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. Element spans refer to `text`, in order; `pages` is known for paged formats only."""

    title: str
    text: str
    media_type: str
    elements: tuple[Element, ...]
    pages: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def page_starts(self) -> list[int]:
        """The character at which each page begins; a page without text begins where the next one does."""
        starts: list[int] = []
        for element in self.elements:
            starts += [element.start] * ((element.page or 0) - len(starts))
        return starts


@dataclass(frozen=True, slots=True)
class Block:
    """An element without its place in the text yet; a list or table has one item or row a line.

    The first row of a table is its header; `image` is what a picture is said to show, or the text read in it.
    """

    kind: Kind
    text: str
    level: int = 0
    page: int | None = None
