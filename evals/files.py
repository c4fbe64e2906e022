"""`eval files`: the product's own ingest machine over files of all kinds, sound and damaged."""

import time
from pathlib import Path

from evals.corpus import Progress
from evals.database import own_database
from evals.file_results import failures, measures, result_of, slices
from evals.ingestion import EVALUATOR, ingestion
from evals.manifest import FileCase, load_files
from evals.report import Report, config_hash
from state.settings import settings


async def run(folder: Path, limit: int | None, progress: Progress) -> Report:
    """Ingest every listed file, then look at what was stored of each."""
    started = time.perf_counter()
    cases = load_files(folder, limit)
    async with own_database():
        await _ingest(cases, progress)
        results = [await result_of(EVALUATOR, case) for case in cases]
    config = {"seconds": settings().parse_seconds, "memory_mb": settings().parse_memory_mb}
    return Report(
        kind="files",
        data=folder.name,
        n=len(results),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(config),
        metrics=measures(results),
        slices=slices(results),
        failures=failures(results),
    )


async def _ingest(cases: tuple[FileCase, ...], progress: Progress) -> None:
    done = 0
    async for event in ingestion([str(case.file) for case in cases]):
        done += event["event"] == "document"
        progress("Reading", done, len(cases))
