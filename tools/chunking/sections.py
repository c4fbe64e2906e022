"""The sections of a document, at headings of level 1 and 2."""

from collections.abc import Iterator

from tools.chunking.chunk import count_words
from tools.parse.document import Document, Element

_TINY = 40  # words; a section below this joins the next one of its level or below


def sections(document: Document) -> Iterator[list[Element]]:
    """The elements between headings of level 1 or 2; a tiny section goes with its next sibling or child."""
    section: list[Element] = []
    level = words = 0
    for element in document.elements:
        opens = element.kind == "heading" and element.level <= 2
        if opens and section and (words >= _TINY or element.level < level):
            yield section
            section, words = [], 0
        if opens and not section:
            level = element.level
        section.append(element)
        words += count_words(document.text[element.start : element.end])
    if section:
        yield section
