"""What a run changed is found row by row, and held against what was to change."""

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals.end_state import Change, Tables, difference, doubles, excess, missing, tables
from evals.workplace_runs import figures
from evals.workplace_tasks import FOLDER, pairs, read

BEFORE: Tables = {"mails": {"1": {"id": 1, "to": "ann"}}, "rooms": {"Oak": {"name": "Oak", "seats": 4}}}


def after(**changed: dict[str, Any]) -> Tables:
    return {**BEFORE, **changed}


def mails(*to: str) -> dict[str, Any]:
    return {"mails": {str(key): {"id": key, "to": name} for key, name in enumerate(("ann", *to), 1)}}


def test_what_is_new_changed_and_gone_is_found() -> None:
    found = difference(BEFORE, after(mails={}, rooms={"Oak": {"name": "Oak", "seats": 6}}))
    assert found == {"mails": Change(gone=["1"]), "rooms": Change(changed={"Oak": {"seats": 6}})}
    assert difference(BEFORE, BEFORE) == {}


def test_only_what_is_expected_may_change() -> None:
    found = difference(BEFORE, after(**mails("bob", "eve")))
    wanted = {"mails": {"new": [{"to": "bob"}]}}
    assert missing(found, wanted) == []
    assert excess(found, wanted) == ['mails.new: {"id": 3, "to": "eve"}']
    assert missing({}, wanted) == ['mails.new: {"to": "bob"}']
    assert excess(found, {}) != []


@pytest.mark.parametrize(
    ("expected", "fits"),
    [
        ({"rooms": {"Oak": {"seats": 6}}}, True),
        ({"rooms": {"Oak": {"seats": 7}}}, False),
        ({"rooms": {"Oak": None}}, False),
        ({"rooms": {"Elm": {"seats": 6}}}, False),
    ],
)
def test_a_change_is_held_against_its_columns(expected: dict[str, Any], fits: bool) -> None:
    found = difference(BEFORE, after(rooms={"Oak": {"name": "Oak", "seats": 6}}))
    assert (not missing(found, expected) and not excess(found, expected)) == fits


def test_the_same_row_twice_is_a_double_effect() -> None:
    found = difference(BEFORE, after(**mails("bob", "bob")))
    assert doubles(found, {"mails": {"new": [{"to": "bob"}]}}) == ['mails: {"to": "bob"}']
    assert doubles(difference(BEFORE, after(**mails("bob", "eve"))), {}) == []


def test_tables_are_read_with_all_columns_of_a_key(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "some.db")
    with connection:
        connection.execute("CREATE TABLE pairs (a, b, c, PRIMARY KEY (a, b))")
        connection.execute("INSERT INTO pairs VALUES (1, 2, 3)")
        connection.execute("CREATE TABLE log (a PRIMARY KEY)")
    connection.close()
    assert tables(tmp_path / "some.db", frozenset({"log"})) == {"pairs": {"1/2": {"a": 1, "b": 2, "c": 3}}}


def test_pass_k_asks_all_runs_to_be_right() -> None:
    def runs(*right: bool) -> list[Any]:
        return [SimpleNamespace(right=one, excess=[], doubles=[], confirmed=0, asked=[]) for one in right]

    found = figures({"a": runs(True, True, True, True), "b": runs(True, True, True, False)}, 4)
    assert (found.success, found.pass_k) == (7 / 8, 0.5)
    assert figures({"b": runs(True, True, True, False)}, 1).pass_k == 0.75


def test_the_suite_is_whole() -> None:
    tasks = read(FOLDER / "tasks.yaml")
    attacked = pairs(FOLDER / "injections.yaml")
    assert len(tasks) >= 60
    assert [sum(one.kind == kind for one in attacked) for kind in ("injected", "twin")] == [30, 30]
    names = [one.id for one in (*tasks, *attacked)]
    assert len(set(names)) == len(names)
