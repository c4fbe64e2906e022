"""Spans that are names by their capitals: of people, places, firms and works."""

import re
from collections.abc import Iterator

from tools.acting.extracting.spans import Phrase
from tools.acting.extracting.text import BREAKS, VERBS

_NAME = r"[A-Z][\w'’.&-]*"
_NAMES = re.compile(
    rf"(?<![\w'’]){_NAME}(?:\s+(?:(?:of|the|de|la|van|von|and|for|in|on)\s+){{0,2}}{_NAME}|\s+\d{{1,4}}(?![\w.%,]))*"
)
_JOINTS, _OF = re.compile(r"\s+(?:and|for|in|on)\s+(?:the\s+)?"), re.compile(r"\s+of\s+(?:the\s+)?")
_PLACE = re.compile(rf"(?<!\w){_NAME}(?:\s+{_NAME}){{0,3}},\s?{_NAME}(?:\s+{_NAME}){{0,2}}")
_STOP = re.compile(r"(?<=[^\W\d_]{4})\.\s+(?=[A-Z])|\.\s+(?=(?:[A-Z]\w*)\b)")
_ABBREVIATED = frozenset("prof corp bros dept univ".split())


def named(text: str) -> Iterator[Phrase]:
    """Names with what joins them, and their parts."""
    for match in _PLACE.finditer(text):
        value = match[0].rstrip(".")
        yield Phrase(match.start(), match.start() + len(value), value, "place")
    for match in _NAMES.finditer(text):
        for start, said in _sentences(match.start(), match[0]):
            yield from _name(text, start, said)


def _sentences(start: int, said: str) -> Iterator[tuple[int, str]]:
    """A name does not go on in the next sentence, which begins with a capital as well."""
    begin = 0
    for stop in _STOP.finditer(said):
        before, after = said[begin : stop.start()].split(), said[stop.end() :].split()
        is_short = (
            not before or len(before[-1]) < 4 or before[-1].lower() in _ABBREVIATED or "." in before[-1]
        )
        if not is_short or after[0].lower() in BREAKS | VERBS:
            yield start + begin, said[begin : stop.start() + 1]
            begin = stop.end()
    yield start + begin, said[begin:]


def _name(text: str, start: int, found: str) -> Iterator[Phrase]:
    said = _without_verb(found)
    start += len(found) - len(said)
    cut = said if re.search(r"\.\w+\.$", said) else said.rstrip(".,")
    value = re.sub(r"['’]s?$", "", cut)
    if not value:
        return
    if (
        said == found
        and re.search(r"(?:^|[.!?])[\s\"']*$", text[:start])
        and (rest := value.partition(" ")[2].lstrip())
    ):
        at = start + len(value) - len(rest)  # the first word of a sentence may be no name at all
        yield Phrase(at, at + len(rest), rest, "names", "later")
    parts = _JOINTS.split(value)
    yield Phrase(start, start + len(value), value, "names" if len(parts) == 1 else "joined")
    article = re.search(r"\b[Tt]he\s+$", text[:start])
    if article:
        yield Phrase(article.start(), start + len(value), f"The {value}", "names", "article")
    pieces = dict.fromkeys([*parts, *(one for part in parts for one in _OF.split(part))])
    for piece in pieces if len(pieces) > 1 else ():
        at = text.find(piece, start)
        yield Phrase(at, at + len(piece), piece, "names" if piece in parts else "joined")


def _without_verb(said: str) -> str:
    """A sentence begins with a capital, too."""
    first, _, rest = said.partition(" ")
    if re.split("['’]", first.lower())[0] not in BREAKS | VERBS:
        return said
    return re.sub(r"^\s*(?:the|an?)\s+", "", rest.lstrip())
