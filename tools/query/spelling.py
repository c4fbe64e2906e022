"""Words that no visible document holds, mended to words that some do."""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from state.plan import Correction
from state.postgres.lookup import Known, Sought
from state.postgres.vocabulary import WORD
from tools.analyse import STOP_WORDS, stem
from tools.analyse import WORD as ANY_WORD
from tools.query.phrases import identifiers, quoted

MOST_WORDS = 60
"""Of one question: what is longer is a text that was pasted."""

TWO_EDITS_FROM = 8
"""Letters: two edits of a shorter word make another word too easily."""

MOST_UNKNOWN = 0.4
"""Share of the question's words: where several are unknown, and more, it is in another language."""


_NEGATED = re.compile(r"\b\w+n['’]t\b", re.IGNORECASE)


def sought(question: str) -> list[Sought]:
    """The words of a question that may be mended, with where to look for what was meant."""
    plain = _NEGATED.sub(" ", question)
    for text in (*quoted(question), *identifiers(question)):
        plain = plain.replace(text, " ")
    words = dict.fromkeys(word for word in WORD.findall(plain.lower()) if word not in STOP_WORDS)
    return [_sought(word) for word in words] if len(words) <= MOST_WORDS else []


def corrections(
    question: str, asked: Sequence[Sought], known: Known, is_word: Callable[[str], bool]
) -> list[Correction]:
    """What each unknown word of the question was meant to be; empty if too many of its words are unknown.

    is_word: unknown words that exist in the language are not mended.
    """
    unknown = [one.word for one in asked if one.word not in known.words]
    if len(unknown) > max(1, MOST_UNKNOWN * len(ANY_WORD.findall(question))):
        return []
    mended = ((word, _meant(word, known.near.get(word, {}))) for word in unknown if not is_word(word))
    return [Correction(typed=word, meant=meant) for word, meant in mended if meant]


def mend(question: str, mended: Sequence[Correction]) -> str:
    """The question with its corrections; capitals stay where they were."""
    for one in mended:
        question = re.sub(
            rf"\b{re.escape(one['typed'])}\b",
            lambda found, meant=one["meant"]: _like(found[0], meant),  # type: ignore[misc]
            question,
            flags=re.IGNORECASE,
        )
    return question


def distance(left: str, right: str, most: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours (optimal string alignment); most + 1 if more.

    Damerau, A technique for computer detection and correction of spelling errors (1964).
    """
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            step = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                step = min(step, older[j - 2] + 1)
            row.append(step)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _sought(word: str) -> Sought:
    """One edit leaves the beginning or the end as it is; so do two at the same end of a long word."""
    edits = _edits(word)
    start = len(word) // 2 if edits == 1 else len(word) // 3
    end = len(word) - 1 - start if edits == 1 else start
    return Sought(word, word[:start], word[-end:], len(word) - edits, len(word) + edits)


def _edits(word: str) -> int:
    return 2 if len(word) >= TWO_EDITS_FROM else 1


def _meant(word: str, near: Mapping[str, int]) -> str | None:
    """The nearest word, of equally near ones the commonest; none if another form of the word is known."""
    if stem(word) in {stem(other) for other in near}:
        return None
    edits = _edits(word)
    ranked = (
        (distance(word, other, edits), other[0] != word[0], -math.log(documents), other)
        for other, documents in near.items()
    )
    best = min((one for one in ranked if one[0] <= edits), default=None)
    return best[3] if best else None


def _like(typed: str, meant: str) -> str:
    if typed.isupper():
        return meant.upper()
    return meant.capitalize() if typed[0].isupper() else meant
