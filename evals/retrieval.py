"""`eval retrieval`: the product's own search over a set in BEIR layout; documents rank by their best passage."""

import time
from pathlib import Path
from typing import Literal

from evals.bootstrap import interval
from evals.corpus import Progress, load
from evals.database import own_database
from evals.formats import RetrievalSet, load_retrieval
from evals.metrics import ndcg_at, recall_at, reciprocal_rank
from evals.report import Report, Slice, config_hash
from state.identity import Identity
from state.postgres import search
from tools.embed.embedder import embedder
from tools.retrieval import CANDIDATES, find, rerank

Stage = Literal["bm25", "dense", "fused", "reranked"]
STAGES: tuple[Stage, ...] = ("bm25", "dense", "fused", "reranked")
EVALUATOR = Identity("eval", "eval")


async def run(folder: Path, limit: int | None, progress: Progress) -> Report:
    """Measure what `kairos search` gives ("reranked"); the stages before it stand in the slices."""
    started = time.perf_counter()
    data = load_retrieval(folder, limit)
    async with own_database():
        await load(EVALUATOR, data.corpus, progress)
        slices: dict[str, Slice] = {stage: await _measure(data, stage, progress) for stage in STAGES}
        config = {
            "embedder": (await embedder()).name,
            "k1": search.K1,
            "b": search.B,
            "candidates": CANDIDATES,
        }
    return Report(
        kind="retrieval",
        data=folder.name,
        n=len(data.queries),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(config),
        metrics=slices["reranked"].metrics,
        slices=slices,
    )


async def _measure(data: RetrievalSet, stage: Stage, progress: Progress) -> Slice:
    rankings: list[list[str]] = []
    latencies: list[float] = []
    for number, query in enumerate(data.queries, 1):
        started = time.perf_counter()
        rankings.append(await rank(query.text, stage))
        latencies.append((time.perf_counter() - started) * 1000)
        progress(f"Searching, {stage}", number, len(data.queries))
    grades = [data.qrels[query.id] for query in data.queries]
    judged = list(zip(rankings, grades, strict=True))
    return Slice(
        len(judged),
        {
            "ndcg@10": interval([ndcg_at(10, ranking, grade) for ranking, grade in judged]),
            "recall@10": interval([recall_at(10, ranking, grade) for ranking, grade in judged]),
            "mrr@10": interval([reciprocal_rank(10, ranking, grade) for ranking, grade in judged]),
            "latency_p50_ms": interval(latencies, percentile=50),
            "latency_p95_ms": interval(latencies, percentile=95),
        },
    )


async def rank(text: str, stage: Stage) -> list[str]:
    """The ids of documents by their best passage, best first."""
    mode = "fused" if stage == "reranked" else stage
    candidates = await find(EVALUATOR, text, limit=CANDIDATES, mode=mode)
    passages = await rerank(EVALUATOR, text, candidates, len(candidates), sentences=stage == "reranked")
    return list(dict.fromkeys(passage["document"] for passage in passages))
