"""Where in a passage the words of a sentence stand."""

import re

from tools.analyse import terms
from tools.sentences import sentence_spans

CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_MARKS = str.maketrans("‘’“”‐‑–—\u00a0", "''\"\"---- ")
_WORD = re.compile(r"\w+|[^\w\s]")


def without_citations(text: str) -> str:
    """The text without its "[1]" markers and outer blanks."""
    return CITATION.sub("", text).strip()


def folded(text: str) -> str:
    """The text in one case, one form of quotes, dashes and blanks, for comparing quotes; not of the same length."""
    return " ".join(text.translate(_MARKS).casefold().split())


def locate(sentence: str, text: str) -> tuple[int, int]:
    """The span of `text` that the sentence quotes, blanks and case aside, or of the sentence nearest to it."""
    claim = without_citations(sentence)
    return _quoted(claim, text) or _nearest(claim, text)


def _quoted(claim: str, text: str) -> tuple[int, int] | None:
    tokens = [re.escape(token) for token in _WORD.findall(claim.translate(_MARKS))]
    if not tokens:
        return None
    match = re.search(r"\s*".join(tokens), text.translate(_MARKS), re.IGNORECASE)
    return match.span() if match else None


def _nearest(claim: str, text: str) -> tuple[int, int]:
    wanted = set(terms(claim))
    spans = sentence_spans(text) or [(0, len(text))]
    return max(spans, key=lambda span: _overlap(wanted, set(terms(text[slice(*span)]))))


def _overlap(wanted: set[str], found: set[str]) -> float:
    return 2 * len(wanted & found) / (len(wanted) + len(found) or 1)
