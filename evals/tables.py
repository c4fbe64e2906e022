"""`eval tables`: do a cell's row and its column's header stand in one retrieved passage, whatever the format."""

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from evals.bootstrap import Interval, interval
from evals.corpus import Progress
from evals.database import own_database
from evals.ingestion import EVALUATOR, ingestion
from evals.metrics import contains_gold
from evals.report import Report, Slice, config_hash
from evals.table_data import CellQuestion, Table, load_tables
from evals.table_files import FORMATS
from state.passages import PassageData
from tools.embed.embedder import embedder
from tools.rerank.rank import rerank
from tools.retrieval import find

TOP = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """One question: is the cell, with row and header, in the first 5 passages, in the first; is the row in them."""

    cell: bool
    first: bool
    row: bool
    milliseconds: float


async def run(folder: Path, limit: int | None, progress: Progress) -> Report:
    """Ask every question of every format; each format is ingested into a database of its own."""
    started = time.perf_counter()
    tables = load_tables(folder)
    asked = [(table, question) for table in tables.values() for question in table.questions]
    asked = list(islice(asked, limit))
    scores: dict[str, list[Scores]] = {}
    for format_ in FORMATS:
        async with own_database():
            await _ingest(tables, format_, progress)
            scores[format_] = await _ask(asked, format_, progress)
    kinds = sorted({table.kind for table in tables.values()})
    slices = {format_: _slice(its) for format_, its in scores.items()}
    slices |= {kind: _slice(_of_kind(asked, scores, kind)) for kind in kinds}
    every = [score for its in scores.values() for score in its]
    return Report(
        kind="tables",
        data=folder.name,
        n=len(every),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash({"embedder": (await embedder()).name, "top": TOP}),
        metrics=_intervals(every),
        slices={name: part for name, part in slices.items() if part.n},
    )


async def _ingest(tables: Mapping[str, Table], format_: str, progress: Progress) -> None:
    with tempfile.TemporaryDirectory() as top:
        await asyncio.to_thread(_write, tables, format_, Path(top))
        progress(f"Reading {format_}", 0, 1)
        async for _ in ingestion([top]):
            pass
        progress(f"Reading {format_}", 1, 1)


def _write(tables: Mapping[str, Table], format_: str, folder: Path) -> None:
    for name, table in tables.items():
        (folder / f"{name}.{format_}").write_bytes(FORMATS[format_](table))


async def _ask(asked: Sequence[tuple[Table, CellQuestion]], format_: str, progress: Progress) -> list[Scores]:
    scores = []
    for number, (table, question) in enumerate(asked, 1):
        started = time.perf_counter()
        candidates = await find(EVALUATOR, question.question)
        passages = await rerank(EVALUATOR, question.question, candidates, TOP)
        milliseconds = (time.perf_counter() - started) * 1000
        scores.append(score(table, question, passages, milliseconds))
        progress(f"Asking {format_}", number, len(asked))
    return scores


def score(
    table: Table, asked: CellQuestion, passages: Sequence[PassageData], milliseconds: float = 0.0
) -> Scores:
    """Judge what was retrieved."""
    value = table.value(asked)
    rows = [has_row(passage, asked, value) for passage in passages]
    found = [row and has_header(passage, asked) for row, passage in zip(rows, passages, strict=True)]
    return Scores(any(found), any(found[:1]), any(rows), milliseconds)


def has_row(passage: PassageData, asked: CellQuestion, value: str) -> bool:
    """Does one line of the passage hold the value and the row's own name, and the passage the names around it."""
    *around, own = asked.row
    lines = passage["text"].splitlines()
    whole = "\n".join([*passage["headings"], passage["text"]])
    return any(contains_gold(line, value) and contains_gold(line, own) for line in lines) and all(
        contains_gold(whole, name) for name in around
    )


def has_header(passage: PassageData, asked: CellQuestion) -> bool:
    """Does the passage, or what it is carried under, hold every name of the column."""
    whole = "\n".join([*passage["headings"], passage["text"]])
    return all(contains_gold(whole, name) for name in asked.column)


def _of_kind(
    asked: Sequence[tuple[Table, CellQuestion]], scores: Mapping[str, Sequence[Scores]], kind: str
) -> list[Scores]:
    return [its[n] for its in scores.values() for n, (table, _) in enumerate(asked) if table.kind == kind]


def _slice(scores: Sequence[Scores]) -> Slice:
    return Slice(len(scores), _intervals(scores))


def _intervals(scores: Sequence[Scores]) -> dict[str, Interval]:
    return {
        "cell@5": interval([float(score.cell) for score in scores]),
        "cell@1": interval([float(score.first) for score in scores]),
        "row@5": interval([float(score.row) for score in scores]),
        "latency_p50_ms": interval([score.milliseconds for score in scores], percentile=50),
    }
