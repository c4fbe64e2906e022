"""What the lists of words and the text itself say where the network saw nothing, or not enough.

Forms of address before a name, words for peoples and countries, first names, jobs, and a name that stood there before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from zlib import crc32

from tools.guard.pii.found import Found
from tools.guard.pii.words import LISTS

_ADDRESSED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Herr|Frau|Mme|Mlle|Sra?|mr|mrs|ms|dr|prof|MR|MRS|MS|DR)\b\.?(?= [^\W\d_])"
)
_NAME = r"[^\W\d_a-z](?:[^\W\d_]|['’-](?=[^\W\d_]))*+\.?"
_AFTER = re.compile(rf" ({_NAME}(?: (?:(?:van|von|de|der|den|di|da|la|le|bin|al) ){{0,3}}{_NAME}){{0,2}})")
_SPEAKER = re.compile(
    r"(?m)^[^\S\n]*([^\W\d_a-z][^\W\d_]{1,30}+(?: [^\W\d_a-z][^\W\d_]{1,30}+)?):(?= ?\\?[\"“«])"
)
_NAMES = re.compile(r"[^\W\d_]++(?:[-'’][^\W\d_]++)*+")
_LEADS = frozenset("the a an as my our your his her their new former chief senior junior head deputy".split())
SURE, ADDRESSED, LIKELY = 0.86, 0.8, 0.6
"""Surer than the network at its surest; less sure than it is of a whole name; less sure than it mostly is."""


def hints(text: str, usual: Mapping[int, int], is_small: bool) -> Iterator[Found]:
    """Finds from lists; `usual` as in features.rows, `is_small`: the text has no capitals, so they tell nothing."""
    yield from _addressed(text)
    yield from (Found(*match.span(1), "PERSON", LIKELY, "speaker") for match in _SPEAKER.finditer(text))
    words = [match.span() for match in _NAMES.finditer(text)]
    for at, (start, end) in enumerate(words):
        word = text[start:end]
        low = word.lower()
        if not is_small and word == low:
            continue
        if low in LISTS["nationality"] or (low.endswith("s") and low[:-1] in LISTS["nationality"]):
            yield Found(start, end, "NATIONALITY", 0.8, "people")
        elif low in LISTS["place"] and not is_small:
            yield Found(start, end, "LOCATION", LIKELY, "country or city")
        elif (
            low in LISTS["first_name"]
            and usual.get(crc32(low.encode(errors="replace")), 9) >= 6
            and not is_small
        ):
            yield Found(start, _surname(text, words, at), "PERSON", LIKELY, "first name")
        elif low in LISTS["job"] and not is_small and _leads(text, words, at):
            yield Found(_first(text, words, at), end, "TITLE", 0.7, "job")


def _addressed(text: str) -> Iterator[Found]:
    """Forms of address, and the capitals that follow."""
    for match in _ADDRESSED.finditer(text):
        yield Found(*match.span(), "TITLE", SURE, "form of address")
        if named := _AFTER.match(text, match.end()):
            yield Found(*named.span(1), "PERSON", ADDRESSED, "addressed")


def again(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """Words of a person's name that stand elsewhere too, with a capital."""
    names = {
        word
        for one in found
        if one.type == "PERSON" and one.score > 0.4
        for word in _NAMES.findall(text[one.start : one.end])
        if len(word) > 3 and word[0].isupper()
    }
    if not names:
        return
    for match in _NAMES.finditer(text):
        if match[0] in names:
            yield Found(*match.span(), "PERSON", 0.5, "named before")


def _capital(text: str, span: tuple[int, int]) -> bool:
    return text[span[0]].isupper()


def _surname(text: str, words: list[tuple[int, int]], at: int) -> int:
    """Where the name ends that begins with a first name: capitals that follow after one blank, two at most."""
    end = words[at][1]
    for span in words[at + 1 : at + 3]:
        if text[end : span[0]] not in (" ", ". ") or not _capital(text, span):
            break
        end = span[1]
    return end


def _first(text: str, words: list[tuple[int, int]], at: int) -> int:
    """Where a job's name begins: capitals before it, three at most."""
    start = words[at][0]
    for span in reversed(words[max(0, at - 3) : at]):
        if (
            text[span[1] : start] != " "
            or not _capital(text, span)
            or text[span[0] : span[1]].lower() in _LEADS
        ):
            break
        start = span[0]
    return start


def _leads(text: str, words: list[tuple[int, int]], at: int) -> bool:
    """Whether an article or the like stands right before the job."""
    start = _first(text, words, at)
    before = [span for span in words[max(0, at - 4) : at] if span[1] <= start]
    return bool(before) and text[before[-1][1] : start] == " " and text[slice(*before[-1])].lower() in _LEADS
