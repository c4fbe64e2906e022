"""`eval retrieval`: the product's own search over a set of queries, with one way of chunking or with all."""

import time
from pathlib import Path
from typing import Literal

from evals.bootstrap import Interval, interval
from evals.corpus import Progress, load
from evals.database import own_database
from evals.report import Report, Slice, config_hash
from evals.search_scores import SearchScores, metrics, score
from evals.searches import EVALUATOR, Search, SearchSet, load_searches
from state.assistant import PassageData
from state.postgres import collections, words
from tools.chunking import DEFAULT, STRATEGIES, known
from tools.embed.embedder import embedder
from tools.rerank.local import local
from tools.rerank.rank import rerank
from tools.retrieval import CANDIDATES, find

Stage = Literal["bm25", "dense", "fused", "reranked"]
STAGES: tuple[Stage, ...] = ("bm25", "dense", "fused", "reranked")
ALL = "all"


async def run(folder: Path, limit: int | None, progress: Progress, chunking: str = DEFAULT) -> Report:
    """Measure what `kairos search` gives ("reranked").

    The slices are the stages before it, or for "all" the ways of chunking; the metrics are then those of the default.
    """
    started = time.perf_counter()
    names = list(STRATEGIES) if chunking == ALL else [known(chunking)]
    data = load_searches(folder, limit)
    slices: dict[str, Slice] = {}
    for name in names:
        stages: tuple[Stage, ...] = ("reranked",) if chunking == ALL else STAGES
        measured = await _measured(data, name, stages, progress)
        slices |= {name: measured["reranked"]} if chunking == ALL else measured
    config = {
        "embedder": (await embedder()).name,
        "k1": words.K1,
        "b": words.B,
        "candidates": CANDIDATES,
        "chunking": names,
    }
    return Report(
        kind="retrieval",
        data=folder.name,
        n=len(data.searches),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(config),
        metrics=slices[DEFAULT if chunking == ALL else "reranked"].metrics,
        slices=slices,
    )


async def _measured(
    data: SearchSet, chunking: str, stages: tuple[Stage, ...], progress: Progress
) -> dict[str, Slice]:
    """Stages by name, over a database in which the documents are cut that way."""

    def tell(what: str, done: int, total: int) -> None:
        progress(f"{what}, {chunking}", done, total)

    async with own_database():
        await load(EVALUATOR, data.documents, tell, chunking)
        (collection,) = await collections.overview(EVALUATOR)
        chunks = interval([float(collection["chunks"])])
        return {stage: await _measure(data, stage, chunks, tell) for stage in stages}


async def _measure(data: SearchSet, stage: Stage, chunks: Interval, progress: Progress) -> Slice:
    scores: list[SearchScores] = []
    for number, wanted in enumerate(data.searches, 1):
        started = time.perf_counter()
        passages = await passages_for(wanted, stage)
        scores.append(score(wanted, passages, (time.perf_counter() - started) * 1000))
        progress(f"Searching, {stage}", number, len(data.searches))
    return Slice(len(scores), {**metrics(scores), "chunks": chunks})


async def passages_for(wanted: Search, stage: Stage) -> list[PassageData]:
    """All passages that are found, best first."""
    mode = "fused" if stage == "reranked" else stage
    candidates = await find(wanted.asker, wanted.text, limit=CANDIDATES, mode=mode)
    return await rerank(
        wanted.asker,
        wanted.text,
        candidates,
        len(candidates),
        reranker=local if stage == "reranked" else None,
    )
