"""Lines that a document repeats without saying anything: running headers and footers, links of a page's frame.

Nothing goes that stands in the text once: the first of the like lines stays. What people repeat on purpose ("Applies
to all staff.") is no frame, so a line goes only for where it stands or for what it is known to be.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from tools.parse.assemble import assemble
from tools.parse.document import Block, Document, Element

LEAST_PAGES = 3
"""Pages at whose edge a line must stand to be a running one; also half of all pages."""
LONGEST = 200
"""Characters of such a line."""

_FRAME = re.compile(
    r"(?:back|go|return) to (?:the )?top(?: of (?:the )?page)?|skip to (?:main |the )?(?:content|navigation)"
    r"|(?:accept|reject|allow|manage)(?: all)? cookies?(?: settings| preferences)?|cookie (?:settings|preferences)"
    r"|(?:print|share|bookmark) this page|(?:was|is) this page (?:helpful|useful)\??|table of contents"
    r"|(?:read|show|see|learn) (?:more|less)|nach oben|zum seitenanfang|zum inhalt springen|alle cookies akzeptieren"
    r"|haut de page|retour en haut(?: de page)?|aller au contenu(?: principal)?|tout accepter|volver arriba"
    r"|ir al contenido|aceptar (?:todas las )?cookies|torna su|vai al contenuto|terug naar boven|voltar ao topo",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|seite|página|pagina|p\.)\s*)?\d{1,4}(?:\s*(?:of|/|von|de|di|sur|van)\s*\d{1,4})?$"
)
_MARKS = " \t-–—|·•[](){}<>↑^«»:.\u00a0"

Line = tuple[int, int]
"""The number of an element, and of the line in it."""


def without_repeats(document: Document) -> Document:
    """The document without repeated lines of its frame; the same one if there are none."""
    lines = list(_lines(document))
    gone = _framed(lines) | _running(document, lines)
    if not gone:
        return document
    left: dict[int, list[str]] = defaultdict(list)
    for (element, number), line in lines:
        if (element, number) not in gone:
            left[element].append(line)
    touched = {element for element, _ in gone}
    blocks = [
        Block(e.kind, "\n".join(left[n]) if n in touched else document.text[e.start : e.end], e.level, e.page)
        for n, e in enumerate(document.elements)
    ]
    return assemble(document.title, document.media_type, blocks, document.pages, document.metadata)


def _lines(document: Document) -> Iterator[tuple[Line, str]]:
    """The lines that may go: never those of headings, tables, code, captions or pictures."""
    for n, element in enumerate(document.elements):
        if element.kind in ("paragraph", "list"):
            for number, line in enumerate(document.text[element.start : element.end].split("\n")):
                yield (n, number), line


def _framed(lines: list[tuple[Line, str]]) -> set[Line]:
    """Known lines of a page's frame, all but the first of each."""
    seen: set[str] = set()
    gone: set[Line] = set()
    for place, line in lines:
        if len(line) <= 60 and _FRAME.fullmatch(bare := line.strip(_MARKS)):
            if bare.casefold() in seen:
                gone.add(place)
            seen.add(bare.casefold())
    return gone


def _running(document: Document, lines: list[tuple[Line, str]]) -> set[Line]:
    """Lines at the same edge of many pages, all but the first of each."""
    pages = {element.page for element in document.elements if element.page}
    if len(pages) < LEAST_PAGES:
        return set()
    text = dict(lines)
    edges = [(edge, place, _like(text[place])) for edge, place in _edges(document, text)]
    counts = Counter((edge, like) for edge, _, like in edges)
    seen: set[str] = set()
    gone: set[Line] = set()
    for edge, place, like in edges:
        if like and counts[edge, like] >= max(LEAST_PAGES, len(pages) / 2):
            if like in seen:
                gone.add(place)
            seen.add(like)
    return gone


def _edges(document: Document, text: dict[Line, str]) -> Iterator[tuple[str, Line]]:
    """The first and the last line of every page, if they may go."""
    by_page: dict[int, list[tuple[int, Element]]] = defaultdict(list)
    for n, element in enumerate(document.elements):
        if element.page:
            by_page[element.page].append((n, element))
    for elements in by_page.values():
        first, (last, ending) = (elements[0][0], 0), elements[-1]
        bottom = (last, document.text.count("\n", ending.start, ending.end))
        if first in text:
            yield "top", first
        if bottom in text and bottom != first:
            yield "bottom", bottom


def _like(line: str) -> str:
    """What a running line is recognised by: its words; page numbers are all alike."""
    words = " ".join(line.casefold().split())
    if len(words) > LONGEST:
        return ""
    return _PAGE_NUMBER.sub("#", words)
