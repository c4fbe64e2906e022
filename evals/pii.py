"""kairos eval pii: how well personal data is found, and how fast. The rule of counting stands in evals.pii_scores."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeInt

from evals.bootstrap import Interval, interval
from evals.pii_scores import Judged, Span, metrics, ours
from evals.report import Report, Slice, config_hash
from evals.rows import fail, json_rows
from tools.guard.pii.detect import Detector, detector
from tools.weights import verified

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Marked:
    """Characters `start` to `end` (exclusive) and the set's own name of their type."""

    start: NonNegativeInt
    end: NonNegativeInt
    type: str


@dataclass(frozen=True, slots=True)
class Row:
    """A text and what is personal in it."""

    id: Annotated[str, Field(min_length=1)]
    text: str
    spans: tuple[Marked, ...]


def load(folder: Path, limit: int | None = None) -> list[Row]:
    """Read texts.jsonl. Raises KairosError `eval_data_invalid`, also for a span outside its text."""
    path = folder / "texts.jsonl"
    rows = []
    for line, row in islice(json_rows(path, Row), limit):
        if any(not span.start < span.end <= len(row.text) for span in row.spans):
            fail(path, "a span is empty or ends after the text", line, "spans")
        rows.append(row)
    if not rows:
        fail(path, "no texts")
    return rows


async def run(folder: Path, limit: int | None, tell: Tell) -> Report:
    """The report of the detector that guards the product."""
    rows = load(folder, limit)
    return report(folder, rows, detector, tell)


def report(folder: Path, rows: Sequence[Row], find: Callable[[], Detector], tell: Tell) -> Report:
    """Find in every row and count; slices by the set's own types, by any type, and without `WHERE` (strict)."""
    started = time.perf_counter()
    own = find()
    own.find("Warm.")
    judged, speeds = [], []
    for at, row in enumerate(rows):
        found, seconds = _timed(own, row.text)
        judged.append(Judged([(span.start, span.end, span.type) for span in row.spans], found))
        speeds.append((seconds * 1e6, max(1, len(row.text))))
        tell("texts", at + 1, len(rows))
    return Report(
        kind="pii",
        data=str(folder),
        n=len(rows),
        seconds=time.perf_counter() - started,
        config=config_hash(
            {"weights": sha256(verified("pii.npz").read_bytes()).hexdigest(), "rule": "half covered"}
        ),
        metrics={**overall(judged), "ms_per_1000_chars": _speed(speeds)},
        slices=slices(judged),
    )


def overall(judged: Sequence[Judged]) -> dict[str, Interval]:
    """Over all types that the set marks."""
    kinds = frozenset(ours(kind) for text in judged for _, _, kind in text.marked)
    return metrics([text.counts(kinds) for text in judged])


def slices(judged: Sequence[Judged]) -> dict[str, Slice]:
    """By type, and whatever the type."""
    names = sorted({kind for text in judged for _, _, kind in text.marked})
    parts: dict[str, Slice] = {}
    for name in names:
        counts = [text.counts(frozenset((ours(name),)), name) for text in judged]
        parts[name] = Slice(sum(marked for marked, *_ in counts), metrics(counts))
    every = [text.counts(None) for text in judged]
    kinds = frozenset(map(ours, names))
    strict = [text.counts(kinds, strict=True) for text in judged]
    spans = sum(marked for marked, *_ in every)
    return {**parts, "any type": Slice(spans, metrics(every)), "strict type": Slice(spans, metrics(strict))}


def _timed(own: Detector, text: str) -> tuple[list[Span], float]:
    """Found spans and seconds of the one time that the text is read."""
    started = time.perf_counter()
    found = own.find(text)
    seconds = time.perf_counter() - started
    return [(one.start, one.end, one.type) for one in found], seconds


def _speed(speeds: Sequence[tuple[float, int]]) -> Interval:
    """Milliseconds per 1,000 characters of the whole set; the interval is that of the texts' own speeds."""
    spent, read = sum(time for time, _ in speeds), sum(size for _, size in speeds)
    own = interval([time / size for time, size in speeds])
    return {
        "value": spent / read,
        "low": min(own["low"] or 0, spent / read),
        "high": max(own["high"] or 0, spent / read),
    }
