"""Where in a passage the words of a sentence stand."""

import re

from tools.analyse import terms
from tools.sentences import sentence_spans

CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_BULLET = re.compile(r"\A(?:[-*+•]|\(?\d{1,3}[.)])\s+")
_EMPHASIS = re.compile(r"(?<!\w)[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?!\w)")
_MARKS = str.maketrans("‘’“”‐‑–—\u00a0", "''\"\"---- ")
_WORD = re.compile(r"\w+|[^\w\s]")


def plain(text: str) -> str:
    """A sentence of an answer without its "[1]" markers, bullet, emphasis and outer blanks."""
    return _EMPHASIS.sub("", _BULLET.sub("", CITATION.sub("", text).strip(), count=1)).strip()


def locate(sentence: str, text: str) -> tuple[int, int]:
    """The span of `text` that the sentence quotes, blanks and case aside, or of the sentence nearest to it."""
    claim = plain(sentence)
    return quoted(claim, text) or _nearest(claim, text)


def quoted(claim: str, text: str) -> tuple[int, int] | None:
    """The span of `text` that is the claim word for word; case, blanks, forms of quotes and a final stop aside."""
    claim = claim.rstrip(". ")
    tokens = [re.escape(token) for token in _WORD.findall(claim.translate(_MARKS))]
    if not tokens:
        return None
    # "5 days" is not quoted from "25 days" or "1.5 days", nor "day" from "days".
    pattern = r"\s*".join(tokens)
    match = re.search(rf"(?<!\w)(?<!\d[.,]){pattern}(?!\w|[.,]\d)", text.translate(_MARKS), re.IGNORECASE)
    return match.span() if match else None


def _nearest(claim: str, text: str) -> tuple[int, int]:
    wanted = set(terms(claim))
    spans = sentence_spans(text) or [(0, len(text))]
    return max(spans, key=lambda span: _overlap(wanted, set(terms(text[slice(*span)]))))


def _overlap(wanted: set[str], found: set[str]) -> float:
    return 2 * len(wanted & found) / (len(wanted) + len(found) or 1)
