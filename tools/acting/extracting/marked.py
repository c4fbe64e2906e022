"""Spans that mark themselves: quotes, addresses, links, paths, codes, groups of digits, formulas."""

import re
from collections.abc import Iterator

from tools.acting.extracting.spans import Phrase, PhraseKind

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
LINK = re.compile(r"https?://[^\s\"'<>]+[^\s\"'<>.,;:!?)]")
_QUOTED = (
    re.compile(r'(?<!\w)"(?P<said>[^"]+)"(?!\w)'),
    re.compile(r"(?<!\w)[“«„](?P<said>[^“”«»„]+)[”»“](?!\w)"),
    re.compile(r"(?<!\w)['‘](?P<said>[^'‘’]+(?:['’]\w[^'‘’]*)*)['’](?!\w)"),
)
_PATH = re.compile(
    r"(?<![\w/])(?:[A-Za-z]:|[~.])?/[\w./-]+\w"
    r"|\b[\w-]+\.(?:csv|txt|json|pdf|xlsx?|docx?|pptx?|md|html?|xml|ya?ml|log|zip|png|jpe?g|gif|svg|mp[34]|wav|py|js|sql|db)\b"
)
_GROUPED = re.compile(
    r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b|\b\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,4})?\b"
    r"|(?<!\w)(?:\+\d{1,3}[ -]?)?(?:\(\d{1,4}\)[ -]?)?\d{2,5}(?:[ -]\d{2,8}){2,5}\b|(?<!\w)\+\d{6,14}\b"
    r"|\b\d{3}-\d{4}\b|\b\d{4}[-–/]\d{2,4}\b(?![-–/])"
)
_CODE = re.compile(
    r"\b[A-G]#|(?<!\w)#\w[\w-]*|\b(?=[\w/-]*\d)(?=[\w/-]*[A-Za-z])[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*\b|\b\w+_\w+\b"
)
_FORMULA = re.compile(
    r"(?<![\w.])(?:[\w()]*\^[\w()]+(?=\s(?![-+*/]))|-?[\w.()]+(?:\s?[-+*/^=]{1,2}\s?[\w.()]+)+(?<![.,]))"
)
_SIDE = re.compile(r"^\s*(?:[a-z]\s?\(\s?\w\s?\)|[a-z])\s?=\s?(?=.*[a-z])", re.IGNORECASE)


def marked(text: str) -> Iterator[Phrase]:
    """Every such span; what is within a quote may be found, too."""
    yield from _quoted(text)
    kinds: tuple[tuple[PhraseKind, re.Pattern[str]], ...] = (
        ("address", EMAIL),
        ("link", LINK),
        ("path", _PATH),
        ("grouped", _GROUPED),
        ("code", _CODE),
    )
    for kind, pattern in kinds:
        for match in pattern.finditer(text):
            yield Phrase(*match.span(), match[0].lstrip("#"), kind)
    yield from _formulas(text)


def _quoted(text: str) -> Iterator[Phrase]:
    """Quotes around all of the text are no part of what was said."""
    whole = text.strip()
    begin = text.index(whole)
    around = len(whole) > 1 and whole[0] == whole[-1] and whole[0] in "\"'" and whole.count(whole[0]) == 2
    for pattern in _QUOTED:
        for match in pattern.finditer(text):
            if not (around and match.start() == begin):
                said = match["said"].strip()
                yield Phrase(match.start("said"), match.end("said"), said, "quoted")


def _formulas(text: str) -> Iterator[Phrase]:
    """As they are written in code; of an equation for y or f(x), the right side alone as well."""
    for match in _FORMULA.finditer(text):
        if not (re.search(r"[A-Za-z]", match[0]) and re.search(r"[\^=+*]", match[0])):
            continue
        yield Phrase(*match.span(), match[0].replace("^", "**"), "formula")
        if side := _SIDE.match(match[0]):
            start = match.start() + side.end()
            yield Phrase(start, match.end(), match[0][side.end() :].replace("^", "**"), "formula", "end")
