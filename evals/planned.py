"""`eval retrieval --typos`: what the plan of a question gives, on queries as they are and on misspelt copies."""

import time
from pathlib import Path

from evals.bootstrap import interval
from evals.corpus import Progress, load
from evals.database import own_database
from evals.report import Report, Slice, config_hash
from evals.search_scores import SearchScores, metrics, score
from evals.searches import EVALUATOR, SearchSet, load_searches
from evals.typos import SEED, misspelt
from tools.embed.embedder import embedder
from tools.query.expansion import WEIGHT
from tools.query.plan import PARTS, Part, plan
from tools.rerank.rank import rerank
from tools.retrieval import find_planned

Parts = tuple[Part, ...]
NONE: Parts = ()
SLICES: dict[str, tuple[bool, Parts]] = {
    "as typed": (False, NONE),
    "as typed, mended": (False, ("spelling",)),
    "as typed, planned": (False, PARTS),
    "misspelt": (True, NONE),
    "misspelt, mended": (True, ("spelling",)),
    "misspelt, planned": (True, PARTS),
}
"""Whether the queries have slips, and what the plan does."""


async def run(folder: Path, limit: int | None, progress: Progress, slips: int) -> Report:
    """Measure the search with each part of the plan; the metrics are those of "misspelt, planned".

    `restored` is the share of queries that are searched as they were before their slips; `plan_ms` what that took.
    """
    started = time.perf_counter()
    data = load_searches(folder, limit)
    async with own_database():
        await load(EVALUATOR, data.documents, progress)
        slices = {
            name: await _measure(data, name, slips if wrong else 0, parts, progress)
            for name, (wrong, parts) in SLICES.items()
        }
    config = {"embedder": (await embedder()).name, "slips": slips, "seed": SEED, "weight": WEIGHT}
    return Report(
        kind="retrieval",
        data=folder.name,
        n=len(data.searches),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(config),
        metrics=slices["misspelt, planned"].metrics,
        slices=slices,
    )


async def _measure(data: SearchSet, name: str, slips: int, parts: Parts, progress: Progress) -> Slice:
    scores, restored, seconds = list[SearchScores](), list[float](), list[float]()
    for number, wanted in enumerate(data.searches):
        typed = misspelt(wanted.text, slips, number)
        started = time.perf_counter()
        planned = await plan(wanted.asker, typed, parts)
        seconds.append((time.perf_counter() - started) * 1000)
        restored.append(float(planned["standalone"].lower() == wanted.text.lower()))
        found, planned = await find_planned(wanted.asker, planned)
        passages = await rerank(wanted.asker, planned["standalone"], found, len(found))
        scores.append(score(wanted, passages, (time.perf_counter() - started) * 1000))
        progress(f"Searching, {name}", number + 1, len(data.searches))
    own = {"restored": interval(restored), "plan_ms": interval(seconds)}
    return Slice(len(scores), {**metrics(scores), **own})
