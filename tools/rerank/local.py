"""The local reranker: what is stored of the candidates, then the documents that the best of them name."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.rerank.interface import Question, Ranked, by_score
from tools.rerank.second_hop import chunks_of, named_by, statistics_of

if TYPE_CHECKING:
    from tools.rerank.parts import Part

NAMING = 10
"""The best hits, in whose texts other documents' titles are looked for."""
MENTION = 0.5
"""Share of a mention in the score."""


async def local(
    question: Question, ranked: Sequence[Ranked], without: AbstractSet[Part] = frozenset()
) -> list[Ranked]:
    """The candidates and what a second hop adds to them, best first; `without` parts, to measure these."""
    from tools.rerank.nearness import nearness
    from tools.rerank.parts import score

    if not ranked:
        return []
    statistics = await statistics_of(question.identity, question.terms)
    near = nearness(question, ranked, statistics)
    best = score(question, ranked, near, statistics, without)
    if "mentions" in without:
        return best
    bonus = await named_by(question, best[:NAMING])
    missing = bonus.keys() - {one.found.document for one in best}
    if added := await chunks_of(question, sorted(missing)) if missing else []:
        near += nearness(question, added, statistics)
        best = score(question, [*ranked, *added], near, statistics, without)
    return sorted((_with_bonus(one, bonus) for one in best), key=by_score)


def _with_bonus(one: Ranked, bonus: dict[int, float]) -> Ranked:
    added = MENTION * bonus.get(one.found.document, 0.0)
    return replace(one, score=one.score + added, why={**one.why, "mentions": added}) if added else one
