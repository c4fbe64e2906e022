"""What `eval tools` counts, and which files it reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.tool_rows import Case, load_cases
from evals.tool_scores import same_call, same_calls
from evals.tools import DRAWN, run
from state.errors import KairosError
from training.acting_halves import half_of


def function(name: str, description: str, **properties: str) -> dict[str, Any]:
    given = {key: {"type": kind, "description": f"The {key}."} for key, kind in properties.items()}
    schema = {"type": "object", "properties": given, "required": list(properties)}
    return {"name": name, "description": description, "parameters": schema}


LOCK = function("lock_door", "Lock a door by its number.", number="integer")
OTHERS = [
    function("paint_wall", "Paint a wall in a colour.", colour="string"),
    function("water_plants", "Water the plants of a floor.", floor="integer"),
    function("order_paper", "Order packs of printer paper.", packs="integer"),
]


def case(
    name: str, question: str, expected: list[dict[str, Any]], *functions: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": name,
        "question": question,
        "functions": list(functions),
        "expected": expected,
        "unknown": 1,
    }


def write(folder: Path, *rows: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cases.jsonl").write_text("\n".join(json.dumps(row) for row in rows))


def test_accepted_values() -> None:
    expected = {
        "name": "f",
        "arguments": {"a": ["New York, NY", "NYC"], "n": [5], "flag": [True, ""], "x": [[1.0, 2]]},
    }
    assert same_call("f", {"a": "new york NY", "n": 5.0, "x": [1, 2]}, expected)
    assert not same_call("g", {"a": "NYC", "n": 5, "x": [1, 2]}, expected)
    assert not same_call("f", {"a": "NYC", "n": 5, "x": [2, 1]}, expected)
    assert not same_call("f", {"a": "NYC", "n": 5, "x": [1, 2], "more": 1}, expected)
    assert not same_call("f", {"a": "NYC", "n": True, "x": [1, 2]}, expected)
    assert not same_call("f", {"a": "NYC", "x": [1, 2]}, expected)
    assert not same_call("f", {"a": "NYC", "n": 5, "x": [1, 2], "flag": 1}, expected)


def test_objects_are_compared_key_by_key() -> None:
    expected = {"name": "f", "arguments": {"range": [{"min": [1], "max": [2, ""]}]}}
    assert same_call("f", {"range": {"min": 1}}, expected)
    assert not same_call("f", {"range": {"max": 2}}, expected)


def test_parallel_calls_go_in_any_order() -> None:
    expected = [{"name": "f", "arguments": {"n": [1, 2]}}, {"name": "f", "arguments": {"n": [2]}}]
    assert same_calls([("f", {"n": 2}), ("f", {"n": 1})], expected[::-1])
    assert not same_calls([("f", {"n": 2})], expected)
    assert not same_calls([("f", {"n": 1}), ("f", {"n": 1})], expected)


async def test_a_folder_is_measured(tmp_path: Path) -> None:
    right = [{"name": "lock_door", "arguments": {"number": [12]}}]
    others = [case(f"o{n}", f"Please do it: {one['description']}", [], one) for n, one in enumerate(OTHERS)]
    write(tmp_path / "first", case("a", "Lock door number 12", right, LOCK))
    write(tmp_path / "second", *others[:1], case("n", "What is the meaning of life?", [], *OTHERS, LOCK))
    report = await run(tmp_path, None, lambda *_: None)
    assert report.n == 3
    assert report.metrics["recall@5"]["value"] == 1.0
    assert report.metrics["exact_call"]["value"] == 1.0
    assert report.slices["second"].metrics["exact_call"]["value"] is None
    assert report.slices[DRAWN].n == 1
    assert report.slices[DRAWN].metrics["declined_right"]["value"] == 1.0


def test_a_case_is_always_in_the_same_half() -> None:
    cases = [Case(f"c{number}", "?", [], []) for number in range(40)]
    halves = [half_of("set", one) for one in cases]
    assert halves == [half_of("set", one) for one in cases]
    assert 10 < halves.count("dev") < 30
    assert halves != [half_of("other", one) for one in cases]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    row = case("a", "Lock door 12", [], LOCK)
    del row["functions"]
    write(tmp_path, row)
    with pytest.raises(KairosError, match=r"line 1, column functions: missing"):
        load_cases(tmp_path)


def test_a_folder_without_cases_is_named(tmp_path: Path) -> None:
    with pytest.raises(KairosError, match="the file is missing"):
        load_cases(tmp_path)
