"""Spans of a text that may be meant as a string: quoted, capitalised, codes, addresses, and phrases of content words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tools.acting.extracting.text import Text
from tools.analyse import STOP_WORDS

PhraseKind = Literal["quoted", "clause", "names", "joined", "place", "code", "formula", "phrase"]

LONGEST = 5
"""Words of a phrase."""
_QUOTED = re.compile(r"(?<!\w)(['\"‘“«])(?P<said>[^'\"‘’“”«»]+(?:['’]\w[^'\"‘’“”«»]*)?)['\"’”»](?!\w)")
_CODE = re.compile(
    r"\b[A-G]#|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s\"'<>]+[^\s\"'<>.,;:!?)]|(?<![\w/])(?:[A-Za-z]:|[~.])?/[\w./-]+\w"
    r"|(?<!\w)#\w[\w-]*|\b(?=[\w/-]*\d)(?=[\w/-]*[A-Za-z])[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*\b|\b\w+_\w+\b|\b\w+\.(?:csv|txt|json|pdf|xlsx?|docx?|png|jpe?g|mp[34]|py|db)\b"
)
_NAME = r"[A-Z][\w'’.&-]*"
_NAMES = re.compile(
    rf"(?<![\w'’]){_NAME}(?:\s+(?:(?:of|the|de|la|van|von|and|for|in|on)\s+){{0,2}}{_NAME}|\s+\d{{1,4}}(?![\w.%,]))*"
)
_JOINTS, _OF = re.compile(r"\s+(?:and|for|in|on)\s+(?:the\s+)?"), re.compile(r"\s+of\s+(?:the\s+)?")
_PLACE = re.compile(rf"(?<!\w){_NAME}(?:\s+{_NAME}){{0,3}},\s?{_NAME}(?:\s+{_NAME}){{0,2}}")
_FORMULA = re.compile(
    r"(?<![\w.])(?:[\w()]*\^[\w()]+(?=\s(?![-+*/]))|-?[\w.()]+(?:\s?[-+*/^=]{1,2}\s?[\w.()]+)+(?<![.,]))"
)
_BREAKS = frozenset(STOP_WORDS | set(
    "please find get give tell show calculate compute need want like using use used given based per via within without "
    "let know make help could would also including include includes will can many much long near nearby around "
    "between among versus vs whose called named titled having starting ending since till while".split()
))  # fmt: skip
_VERBS = frozenset(
    "book request cancel send create file open submit add delete remove update change assign schedule reschedule order approve "
    "reject register reserve close move rename post pay transfer invite apply claim raise report log set withdraw upload email "
    "mail message remind enter extend renew return convert search look check list get fetch play retrieve determine identify "
    "predict estimate analyze generate provide locate translate plot sort solve draw write compare".split()
)
_OPENERS = frozenset({"please", "to", "you", "then", "and", ".", "!", "?", ":", ";", '"', "'"})
_CLAUSE = re.compile(
    r"(?:\b(?:saying|says?|stating|telling (?:him|her|them)|tell (?:him|her|them)|because(?! of)|with the (?:text|message|body|reason|note|title|subject)|asking|reads?|about|for the reason)(?:\s+that)?\s*:?\s+|(?<=\w):\s+)"
    r"(?P<said>(?!\d)[^;.!?]{3,400})",
    re.IGNORECASE,
)
_LINKS = frozenset({",", "and", "or", "&", "the", "a", "an", ";", "also", "then", "plus"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """part: of a run of content words, how it lies in it (whole, start, end, inner); whole for the other kinds."""

    start: int
    end: int
    value: str
    kind: PhraseKind
    part: str = "whole"


def phrases(text: Text) -> list[Phrase]:
    """Every span that may be meant, each once: what marks itself comes first."""
    found: dict[tuple[int, int], Phrase] = {}
    for phrase in (*_marked(text.text), *_named(text.text), *_content(text), *_clauses(text.text)):
        found.setdefault((phrase.start, phrase.end), phrase)
    return list(found.values())


def _marked(text: str) -> Iterator[Phrase]:
    """Quotes around all of it are no part of what was said."""
    for match in _QUOTED.finditer(text.strip().strip('"').join("  ")):
        yield Phrase(match.start("said"), match.end("said"), match["said"].strip(), "quoted")
    for match in _CODE.finditer(text):
        yield Phrase(*match.span(), match[0].lstrip("#"), "code")
    for match in _FORMULA.finditer(text):
        if re.search(r"[A-Za-z]", match[0]) and re.search(r"[\^=+*]", match[0]):
            yield Phrase(*match.span(), match[0].replace("^", "**"), "formula")


def _named(text: str) -> Iterator[Phrase]:
    for match in _PLACE.finditer(text):
        value = match[0].rstrip(".")
        yield Phrase(match.start(), match.start() + len(value), value, "place")
    for match in _NAMES.finditer(text):
        said = _without_verb(match[0])
        value, start = re.sub(r"['’]s?$", "", said.rstrip(".,")), match.end() - len(said)
        if not value:
            continue
        parts = _JOINTS.split(value)
        yield Phrase(start, start + len(value), value, "names" if len(parts) == 1 else "joined")
        pieces = dict.fromkeys([*parts, *(one for part in parts for one in _OF.split(part))])
        for piece in pieces if len(pieces) > 1 else ():
            at = text.find(piece, start)
            yield Phrase(at, at + len(piece), piece, "names" if piece in parts else "joined")


def _without_verb(said: str) -> str:
    """A sentence begins with a capital, too."""
    first, _, rest = said.partition(" ")
    if re.split("['’]", first.lower())[0] not in _BREAKS | _VERBS:
        return said
    return re.sub(r"^\s*(?:the|an?)\s+", "", rest.lstrip())


def _clauses(text: str) -> Iterator[Phrase]:
    """What is said after "saying that", "because", "about" or a colon: to the next comma, or to the sentence's end."""
    for match in _CLAUSE.finditer(text):
        said = match["said"].strip(" '\"")
        start = text.index(said, match.start("said"))
        cue = match[0].split()[0].lower().strip(":") or ":"
        yield Phrase(start, start + len(said), said, "clause", cue)
        first = re.split(r",\s|\s+(?:with|from|on|at) (?=\w)", said)[0]
        if first != said and len(first) > 2:
            yield Phrase(start, start + len(first), first, "clause", f"{cue} cut")


def _content(text: Text) -> Iterator[Phrase]:
    """Runs of content words, and their parts."""
    for first, last in runs(text):
        for begin in range(first, last):
            for end in range(begin + 1, min(last, begin + LONGEST) + 1):
                if _cuts(text, begin) or _cuts(text, end):
                    continue
                start, stop = text.spans[begin][0], text.spans[end - 1][1]
                value = re.sub(r"['’]s$", "", text.text[start:stop])
                part = _part(begin == first, end == last)
                yield Phrase(start, start + len(value), value, "phrase", part)


def _cuts(text: Text, at: int) -> bool:
    """Whether the place before this token lies within a word that a mark holds together."""
    return any(
        0 < mark < len(text.spans) and text.words[mark] in "-/'’" and _tight(text, mark)
        for mark in (at, at - 1)
    )


def _part(at_start: bool, at_end: bool) -> str:
    if at_start:
        return "whole" if at_end else "start"
    return "end" if at_end else "inner"


def runs(text: Text) -> list[tuple[int, int]]:
    """Runs of tokens that are content words, the end exclusive; hyphens and apostrophes hold words together."""
    found: list[tuple[int, int]] = []
    begin = None
    for at, word in enumerate([*text.words, ","]):
        joins = word in "-/'’" and begin is not None and _tight(text, at)
        opens = word.lower() in _VERBS and (at == 0 or text.words[at - 1].lower() in _OPENERS)
        is_content = joins or (word[0].isalnum() and word.lower() not in _BREAKS and not opens)
        if is_content and begin is None:
            begin = at
        elif not is_content and begin is not None:
            found.append((begin, at))
            begin = None
    return found


def _tight(text: Text, at: int) -> bool:
    """Whether a mark stands between two words without a blank."""
    if at + 1 >= len(text.spans):
        return False
    start, end = text.spans[at]
    return text.spans[at - 1][1] == start and text.spans[at + 1][0] == end


def linked(text: Text, first_end: int, second_start: int) -> bool:
    """Whether nothing but commas and "and" stands between two places of the text, and at least one of them."""
    begin, end = text.tokens(first_end, second_start)
    between = [
        text.words[at].lower()
        for at in range(begin, end)
        if text.spans[at][0] >= first_end and text.spans[at][1] <= second_start
    ]
    return 0 < len(between) <= 4 and all(word in _LINKS or word in "'\"" for word in between)
