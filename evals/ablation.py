"""`eval retrieval --ablate`: what each part of the ranking adds, over one or several sets."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from evals.bootstrap import mean_of_means
from evals.corpus import Progress, load
from evals.database import own_database
from evals.report import Report, Slice, config_hash
from evals.search_scores import SearchScores, score
from evals.searches import EVALUATOR, Search, SearchSet, load_searches
from tools.chunking import DEFAULT, known
from tools.embed.embedder import embedder
from tools.rerank.interface import Reranker
from tools.rerank.local import local
from tools.rerank.parts import PARTS
from tools.rerank.rank import rerank
from tools.retrieval import find

FULL = "full"
CONTRIBUTION = "contribution"
"""nDCG@10 of the full ranking less that without the part, query by query."""
ALL_OF_IT = "reranking"

Scores = dict[str, list[list[SearchScores]]]
"""By what is left out, for each set, for each query."""


def rerankers() -> dict[str, Reranker | None]:
    """The full ranking, no ranking at all, and the ranking without each of its parts."""
    found: dict[str, Reranker | None] = {FULL: local, ALL_OF_IT: None}
    return found | {part: partial(local, without=frozenset([part])) for part in PARTS}


async def run(
    folders: Sequence[Path], limit: int | None, progress: Progress, chunking: str = DEFAULT
) -> Report:
    """Metrics are those of the full ranking, means over the sets; a slice for each part that is left out."""
    started = time.perf_counter()
    scores: Scores = {name: [] for name in rerankers()}
    for folder in folders:
        data = load_searches(folder, limit)
        async with own_database():
            await load(EVALUATOR, data.documents, progress, known(chunking))
            for name, measured in (await _measured(folder.name, data, progress)).items():
                scores[name].append(measured)
    config = {"embedder": (await embedder()).name, "chunking": chunking, "ablated": list(scores)}
    return Report(
        kind="retrieval",
        data=" + ".join(folder.name for folder in folders),
        n=sum(map(len, scores[FULL])),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(config),
        metrics=slices(scores)[FULL].metrics,
        slices=slices(scores),
    )


async def _measured(name: str, data: SearchSet, progress: Progress) -> dict[str, list[SearchScores]]:
    found: dict[str, list[SearchScores]] = {reranker: [] for reranker in rerankers()}
    for number, wanted in enumerate(data.searches, 1):
        for reranker, its in (await _search(wanted)).items():
            found[reranker].append(its)
        progress(f"Searching {name}", number, len(data.searches))
    return found


async def _search(wanted: Search) -> dict[str, SearchScores]:
    candidates = await find(wanted.asker, wanted.text)
    scores = {}
    for name, reranker in rerankers().items():
        started = time.perf_counter()
        found = await rerank(wanted.asker, wanted.text, candidates, len(candidates), reranker=reranker)
        scores[name] = score(wanted, found, (time.perf_counter() - started) * 1000)
    return scores


def slices(scores: Mapping[str, Sequence[Sequence[SearchScores]]]) -> dict[str, Slice]:
    """Of what is left: nDCG@10 and recall@10, means over sets, and of what is left out: its contribution."""
    full = _values(scores[FULL], "ndcg@10")
    found = {}
    for name, sets in scores.items():
        ndcg = _values(sets, "ndcg@10")
        less = [[a - b for a, b in zip(*pair, strict=True)] for pair in zip(full, ndcg, strict=True)]
        metrics = {"ndcg@10": mean_of_means(ndcg), "recall@10": mean_of_means(_values(sets, "recall@10"))}
        if name != FULL:
            metrics[CONTRIBUTION] = mean_of_means(less)
        found[name if name == FULL else f"without {name}"] = Slice(sum(map(len, sets)), metrics)
    return found


def _values(sets: Sequence[Sequence[SearchScores]], metric: str) -> list[list[float]]:
    return [[float(its[metric]) for its in queries] for queries in sets]  # type: ignore[literal-required]
