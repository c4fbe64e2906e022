"""Whether the first hits are weak, so that a second look at the question is worth its time."""

from collections.abc import Sequence

from state.passages import Candidate

LEAST_COSINE = 0.45
"""Of the nearest passage; below it, the words of the question and those of the documents differ."""


def weak(candidates: Sequence[Candidate]) -> str | None:
    """Why the hits are weak, as a sentence, or None if they are not."""
    if not candidates:
        return "Nothing was found."
    nearest = max(candidate["cosine"] for candidate in candidates)
    if nearest < LEAST_COSINE:
        return f"The nearest passage is far from the question (cosine {nearest:.2f} < {LEAST_COSINE})."
    return None
