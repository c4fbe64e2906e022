"""Short and long forms that a text explains: "Flexible Work Arrangement (FWA)", "also known as", "hereinafter".

Schwartz and Hearst, A simple algorithm for identifying abbreviation definitions in biomedical text (2003).
"""

import re
from collections.abc import Iterator, Sequence

from tools.analyse import STOP_WORDS

LONGEST = 80
"""Characters of a form."""

_BRACKET = re.compile(r"\(([^()\n]{2,80})\)")
_WORD = re.compile(r"[^\W_]+(?:[-'’&./][^\W_]+)*")
_SHORT = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z0-9][A-Za-z0-9&./-]{1,9}")
_PLAIN = re.compile(r"[\w\s&'’,./-]+")
_QUOTES = "\"'“”‘’"
_CALLED = re.compile(
    r"[ ,(]+(?:also (?:known|referred to) as|also called|a\.k\.a\.?|aka"
    r"|(?:herein ?after|hereafter|henceforth)(?:,? (?:referred to as|called|known as))?) ?:?(?: (?:the|an?))? "
    r"(?P<other>[\"“‘'](?P<quoted>[^\"”’'\n]{2,60})[\"”’']|(?P<plain>[A-Z][\w&/-]*(?: [A-Z][\w&/-]*){0,4}))"
)
_CAPITAL = re.compile(r"(?:[A-Z][\w'’&/-]*)(?: (?:(?:of|and|for|the|on|in|&) )?[A-Z][\w'’&/-]*)*\Z")


def short_forms(text: str) -> list[tuple[str, str]]:
    """Pairs of short and long form, lower case, sorted, without repetition."""
    pairs = {(_plain(short), _plain(long)) for short, long in (*_bracketed(text), *_called(text))}
    return sorted(
        pair for pair in pairs if pair[0] != pair[1] and all(2 <= len(form) <= LONGEST for form in pair)
    )


def _bracketed(text: str) -> Iterator[tuple[str, str]]:
    for found in _BRACKET.finditer(text):
        inside = found[1].split(";")[0].strip().strip(_QUOTES)
        before = (
            text[max(0, found.start() - 200) : found.start()].rsplit("\n\n", 1)[-1].rstrip().rstrip(_QUOTES)
        )
        if _SHORT.fullmatch(inside):
            if long := _long_form(inside, before):
                yield inside, long
        elif (word := _last_word(before)) and _SHORT.fullmatch(word) and _long_form(word, inside) == inside:
            yield word, inside


def _last_word(before: str) -> str:
    words = before.split()
    return words[-1].strip(_QUOTES) if words else ""


def _long_form(short: str, before: str) -> str | None:
    """The end of `before` whose words begin with the short form's letters; else the shortest that holds them."""
    letters = [letter for letter in singular(short).lower() if letter.isalnum()]
    words = list(_WORD.finditer(before))[-min(len(letters) + 5, len(letters) * 2) :]
    named = [word for word in words if word[0].lower() not in STOP_WORDS]
    initial = _by_initials(letters, named) or _by_initials(letters, words)
    start = initial.start() if initial else None
    if start is None and len(letters) > 2 and words:
        start = _by_letters(letters, before, words[0].start())
    long = "" if start is None else before[start:].strip()
    return long if _is_long_form(long, short) else None


def _is_long_form(long: str, short: str) -> bool:
    """Longer, of plain words, and with a word of its own at the start."""
    words = long.lower().split()
    return bool(
        len(long) > len(short)
        and _PLAIN.fullmatch(long)
        and words[0] not in STOP_WORDS
        and short.lower() not in words
    )


def _by_initials(letters: Sequence[str], words: Sequence[re.Match[str]]) -> re.Match[str] | None:
    """The word at which the long form begins, if each letter begins one of the last words."""
    last = words[-len(letters) :]
    return last[0] if [word[0][0].lower() for word in last] == list(letters) else None


def _by_letters(letters: Sequence[str], before: str, first: int) -> int | None:
    """The algorithm of the paper: from the end backwards, the first letter at the start of a word."""
    place, lowered = len(before) - 1, before.lower()
    for number in range(len(letters) - 1, -1, -1):
        while place >= first and not (
            lowered[place] == letters[number]
            and (number > 0 or place == 0 or not lowered[place - 1].isalnum())
        ):
            place -= 1
        if place < first:
            return None
        place -= 1
    return place + 1


def _called(text: str) -> Iterator[tuple[str, str]]:
    """Not of one ordinary word: "the Company" would widen every question about a company."""
    for found in _CALLED.finditer(text):
        other = found["quoted"] or found["plain"]
        name = _CAPITAL.search(text[max(0, found.start() - LONGEST) : found.start()])
        if name and (_SHORT.fullmatch(other) or " " in _plain(other)):
            yield other, name[0]


def singular(short: str) -> str:
    """A short form without the s of its plural: "SOPs" is "SOP"."""
    return short[:-1] if len(short) > 2 and short[-1] == "s" and short[:-1].isupper() else short


def _plain(form: str) -> str:
    plain = " ".join(singular(form.strip(_QUOTES + " .,;:")).lower().split())
    return re.sub(r"\A(?:the|an?|this|our) ", "", plain)
