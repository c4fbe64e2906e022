"""One evaluation's report: JSON for machines, a table for people."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from rich.table import Table
from rich.text import Text

from evals.bootstrap import Interval


@dataclass(frozen=True, slots=True)
class Slice:
    """The metrics of `n` cases that have something in common."""

    n: int
    metrics: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class Failure:
    """One case for which there is nothing to measure, and why."""

    path: str
    cause: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured (`kind`, on `data`, `n` cases in `seconds`), how (`config`, a hash), the metrics.

    failures: by code, of kinds in which a case may fail.
    """

    kind: str
    data: str
    n: int
    seconds: float
    config: str
    metrics: dict[str, Interval]
    slices: dict[str, Slice] = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)


def to_json(report: Report) -> str:
    """The report as one JSON object on one line; a ValueError for a number JSON cannot hold."""
    values = asdict(report)
    if not report.failures:
        del values["failures"]
    return json.dumps(values, allow_nan=False)


def table(report: Report) -> Table:
    """A row a metric, with its 95 % interval; the slices follow, each with its number of cases."""
    result = Table(title=_title(report))
    result.add_column("slice")
    result.add_column("n", justify="right")
    result.add_column("metric")
    result.add_column("value", justify="right")
    result.add_column("95 % interval", justify="right")
    for name, part in {"all": Slice(report.n, report.metrics), **report.slices}.items():
        _add_section(result, name, part)
    return result


def comparison(report: Report) -> Table:
    """A row a metric, a column a slice: values without their intervals."""
    result = Table(title=_title(report))
    result.add_column("metric", no_wrap=True)
    for name in report.slices:
        result.add_column(Text(name), justify="right", overflow="fold")
    for metric in report.metrics:
        result.add_row(
            Text(metric), *(_number(part.metrics[metric]["value"]) for part in report.slices.values())
        )
    return result


def failure_table(report: Report) -> Table:
    """A row a failure, the most frequent codes first."""
    result = Table(title="Failures")
    for column in ("code", "n", "what", "why"):
        result.add_column(column, overflow="fold")
    for code, found in sorted(report.failures.items(), key=lambda item: -len(item[1])):
        result.add_section()
        for row, failure in enumerate(found):
            count = "" if row else str(len(found))
            result.add_row("" if row else code, count, Text(failure.path), Text(failure.cause))
    return result


def config_hash(config: Mapping[str, object]) -> str:
    """12 hex digits of the SHA-256 of canonical JSON: the order of the keys does not matter."""
    canonical = json.dumps(dict(config), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _title(report: Report) -> Text:
    return Text(
        f"{report.kind} on {report.data}: {report.n} cases in {report.seconds:.1f} s (config {report.config})"
    )


def _add_section(result: Table, name: str, part: Slice) -> None:
    result.add_section()
    for row, (metric, measured) in enumerate(part.metrics.items()):
        result.add_row(
            Text("" if row else name),
            "" if row else str(part.n),
            Text(metric),
            _number(measured["value"]),
            f"{_number(measured['low'])} – {_number(measured['high'])}",
        )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
