"""The report's JSON, its table and the hash of a configuration."""

import json
from dataclasses import replace
from io import StringIO
from types import MappingProxyType

import pytest
from rich.console import Console

from evals.bootstrap import Interval
from evals.report import Report, Slice, comparison, config_hash, table, to_json

NULL: Interval = {"value": None, "low": None, "high": None}
REPORT = Report(
    kind="qa",
    data="data/[red]é",
    n=12,
    seconds=3.25,
    config="0123456789ab",
    metrics={"f1": {"value": 0.5, "low": 0.25, "high": 0.75}, "declined_right": NULL},
    slices={"kind=plain": Slice(7, {"f1": {"value": 0.625, "low": 0.5, "high": 0.875}})},
)


def test_json_is_one_line_in_the_agreed_form() -> None:
    text = to_json(REPORT)
    assert "\n" not in text
    assert json.loads(text) == {
        "kind": "qa",
        "data": "data/[red]é",
        "n": 12,
        "seconds": 3.25,
        "config": "0123456789ab",
        "metrics": {"f1": {"value": 0.5, "low": 0.25, "high": 0.75}, "declined_right": NULL},
        "slices": {"kind=plain": {"n": 7, "metrics": {"f1": {"value": 0.625, "low": 0.5, "high": 0.875}}}},
    }


def test_json_refuses_a_number_it_cannot_hold() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json(Report("qa", "d", 1, 1.0, "x", {"f1": {"value": float("nan"), "low": 0.0, "high": 1.0}}))


def test_comparison_has_a_column_for_each_slice() -> None:
    slices = {
        "structure": Slice(12, REPORT.metrics),
        "parent-child": Slice(12, {**REPORT.metrics, "f1": {"value": 0.25, "low": 0.0, "high": 0.5}}),
    }
    out = StringIO()
    Console(file=out, width=120).print(comparison(replace(REPORT, slices=slices)))
    shown = [" ".join(line.replace("│", " ").split()) for line in out.getvalue().splitlines()]
    assert "f1 0.500 0.250" in shown
    assert "declined_right – –" in shown


def test_table_shows_every_metric_and_slice_as_they_are() -> None:
    out = StringIO()
    Console(file=out, width=120).print(table(REPORT))
    shown = [" ".join(line.replace("│", " ").split()) for line in out.getvalue().splitlines()]
    assert "qa on data/[red]é: 12 cases in 3.2 s (config 0123456789ab)" in shown
    assert "all 12 f1 0.500 0.250 – 0.750" in shown
    assert "declined_right – – – –" in shown
    assert "kind=plain 7 f1 0.625 0.500 – 0.875" in shown


def test_hash_ignores_the_order_of_keys_only() -> None:
    one = config_hash({"k": 10, "models": {"a": 1, "b": [1, 2]}})
    assert one == config_hash(MappingProxyType({"models": {"b": [1, 2], "a": 1}, "k": 10}))
    assert one != config_hash({"k": 10, "models": {"a": 1, "b": [2, 1]}})
    assert one != config_hash({"k": "10", "models": {"a": 1, "b": [1, 2]}})


def test_hash_is_the_sha256_of_canonical_json() -> None:
    assert config_hash({}) == "44136fa355b3"  # sha256 of "{}"
