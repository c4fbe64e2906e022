"""kairos eval pii: how well personal data is found, and how fast. The rule of counting stands in evals.pii_scores."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeInt

from evals.bootstrap import Interval
from evals.corpus import Progress
from evals.pii_scores import Judged, metrics, ours, ratio
from evals.report import Report, Slice, config_hash
from evals.rows import fail, json_rows
from tools.guard.pii.detect import THRESHOLD, Detector, detector
from tools.weights import verified


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


async def run(folder: Path, limit: int | None, tell: Progress) -> Report:
    """Find personal data in every text with the detector that guards the product, and count.

    Slices: by the set's own types, by any type, and with a place and an address told apart (strict type).
    """
    started, rows, own = time.perf_counter(), load(folder, limit), detector()
    own.find("Warm.")
    found, seconds = [], []
    for at, row in enumerate(rows):
        one, spent = judged(own, row)
        found.append(one)
        seconds.append(spent)
        tell("texts", at + 1, len(rows))
    metrics_, slices = measured(rows, found, seconds)
    return Report(
        kind="pii",
        data=folder.name,
        n=len(rows),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(
            {"weights": sha256(verified("pii.npz").read_bytes()).hexdigest(), "threshold": THRESHOLD}
        ),
        metrics=metrics_,
        slices=slices,
    )


def judged(own: Detector, row: Row) -> tuple[Judged, float]:
    """Marked and found spans of a row, and the seconds that finding took."""
    started = time.perf_counter()
    found = own.find(row.text)
    seconds = time.perf_counter() - started
    marked = [(span.start, span.end, span.type) for span in row.spans]
    return Judged(marked, [(one.start, one.end, one.type) for one in found]), seconds


def measured(
    rows: Sequence[Row], found: Sequence[Judged], seconds: Sequence[float]
) -> tuple[dict[str, Interval], dict[str, Slice]]:
    """The metrics over all types that the set marks, with the speed, and the slices."""
    names = sorted({kind for text in found for _, _, kind in text.marked})
    kinds = frozenset(map(ours, names))
    parts = {name: [text.counts(frozenset((ours(name),)), name) for text in found] for name in names}
    parts["any type"] = [text.counts(None) for text in found]
    parts["strict type"] = [text.counts(kinds, strict=True) for text in found]
    slices = {
        name: Slice(sum(marked for marked, *_ in counts), metrics(counts)) for name, counts in parts.items()
    }
    speed = ratio([spent * 1e6 for spent in seconds], [max(1, len(row.text)) for row in rows])
    return {**metrics([text.counts(kinds) for text in found]), "ms_per_1000_chars": speed}, slices
