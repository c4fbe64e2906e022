"""The hits of several queries as one list."""

from collections.abc import Sequence

from state.passages import Candidate

RANK_CONSTANT = 60
FIRST = 2.0
"""Weight of the question itself beside queries that a model made of it."""


def fuse(found: Sequence[Sequence[Candidate]], limit: int) -> list[Candidate]:
    """Candidates by reciprocal rank fusion (Cormack et al. 2009), each with the parts that it first had.

    One list stays as it is; of several the first counts twice.
    """
    if len(found) == 1:
        return list(found[0][:limit])
    scores: dict[int, float] = {}
    best: dict[int, Candidate] = {}
    for number, candidates in enumerate(found):
        for rank, candidate in enumerate(candidates, 1):
            chunk = candidate["chunk"]
            weight = 1.0 if number else FIRST
            scores[chunk] = scores.get(chunk, 0.0) + weight / (RANK_CONSTANT + rank)
            best.setdefault(chunk, candidate)
    ranked = sorted(scores, key=lambda chunk: (-scores[chunk], chunk))[:limit]
    return [{**best[chunk], "score": scores[chunk]} for chunk in ranked]
