"""Short and long forms that a text explains: "Flexible Work Arrangement (FWA)", "also known as", "hereinafter".

Schwartz and Hearst, A simple algorithm for identifying abbreviation definitions in biomedical text (2003).
"""

import re
from collections.abc import Iterator

LONGEST = 80
"""Characters of a form."""

_BRACKET = re.compile(r"\(([^()\n]{2,80})\)")
_WORD = re.compile(r"[^\W_]+(?:[-'’&./][^\W_]+)*")
_SHORT = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z0-9][A-Za-z0-9&./-]{1,9}")
_QUOTES = "\"'“”‘’"
_CALLED = re.compile(
    r"[ ,(]+(?:also (?:known|referred to) as|also called|a\.k\.a\.?|aka"
    r"|(?:herein ?after|hereafter|henceforth)(?:,? (?:referred to as|called|known as))?) ?:?(?: (?:the|an?))? "
    r"(?P<other>[\"“‘'](?P<quoted>[^\"”’'\n]{2,60})[\"”’']|(?P<plain>[A-Z][\w&/-]*(?: [A-Z][\w&/-]*){0,4}))"
)
_CAPITAL = re.compile(r"(?:[A-Z][\w'’&/-]*)(?: (?:(?:of|and|for|the|on|in) )?[A-Z][\w'’&/-]*)*\Z")


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
    """The shortest end of `before` whose letters hold the short form's in order, the first at the start of a word."""
    letters = [letter for letter in short.lower() if letter.isalnum()]
    words = list(_WORD.finditer(before))[-min(len(letters) + 5, len(letters) * 2) :]
    if not words:
        return None
    first, place, lowered = words[0].start(), len(before) - 1, before.lower()
    for number in range(len(letters) - 1, -1, -1):
        while place >= first and not (
            lowered[place] == letters[number]
            and (number > 0 or place == 0 or not lowered[place - 1].isalnum())
        ):
            place -= 1
        if place < first:
            return None
        place -= 1
    long = before[place + 1 :].strip()
    return long if len(long) > len(short) and short.lower() not in long.lower().split() else None


def _called(text: str) -> Iterator[tuple[str, str]]:
    for found in _CALLED.finditer(text):
        other = found["quoted"] or found["plain"]
        if name := _CAPITAL.search(text[max(0, found.start() - LONGEST) : found.start()]):
            yield other, re.sub(r"\A(?:The|An?|This|Our) ", "", name[0])


def _plain(form: str) -> str:
    return " ".join(form.lower().strip(_QUOTES + " .,;:").split())
