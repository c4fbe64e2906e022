"""Counting found spans, and the report of kairos eval pii."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.pii import load, run
from evals.pii_scores import Judged, metrics, ours, ratio
from evals.report import to_json
from state.errors import KairosError


def counts(
    marked: list[tuple[int, int, str]], found: list[tuple[int, int, str]], strict: bool = False
) -> tuple[int, ...]:
    kinds = frozenset(ours(kind) for *_, kind in marked)
    return Judged(marked, found).counts(kinds, strict=strict)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([(0, 10, "PERSON")], (1, 1, 1, 1)),
        ([(0, 5, "PERSON")], (1, 1, 1, 1)),
        ([(0, 4, "PERSON")], (1, 0, 1, 1)),
        ([(0, 30, "PERSON")], (1, 1, 1, 0)),
        ([(0, 3, "PERSON"), (5, 8, "PERSON")], (1, 1, 2, 2)),
        ([(0, 10, "ORGANIZATION")], (1, 0, 0, 0)),
        ([], (1, 0, 0, 0)),
    ],
)
def test_half_of_the_characters_decide(found: list[tuple[int, int, str]], expected: tuple[int, ...]) -> None:
    assert counts([(0, 10, "PERSON")], found) == expected


def test_names_of_sets_are_known() -> None:
    assert counts([(0, 4, "STREET_ADDRESS"), (5, 9, "GPE")], [(0, 9, "ADDRESS")]) == (2, 2, 1, 1)
    assert counts([(0, 4, "STREET_ADDRESS"), (5, 9, "GPE")], [(0, 9, "ADDRESS")], strict=True) == (2, 1, 1, 0)
    assert ours("NRP") == "NATIONALITY"
    assert ours("NEVER_SEEN") == "NEVER_SEEN"


def test_scores() -> None:
    found = metrics([(4, 2, 4, 2), (0, 0, 0, 0)])
    assert [found[name]["value"] for name in ("precision", "recall", "f2")] == [0.5, 0.5, 0.5]
    assert metrics([(3, 0, 0, 0)])["f2"]["value"] == 0
    assert metrics([(3, 0, 0, 0)])["precision"]["value"] is None
    assert metrics([(0, 0, 0, 0)])["recall"]["value"] is None
    assert ratio([1, 3], [10, 10])["value"] == 0.2


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1
    )
)
def test_scores_are_shares(rows: list[tuple[int, int, int, int]]) -> None:
    sound = [(max(a, b), min(a, b), max(c, d), min(c, d)) for a, b, c, d in rows]
    for one in metrics(sound, samples=20).values():
        if one["value"] is not None and one["low"] is not None and one["high"] is not None:
            assert 0 <= one["low"] <= one["high"] <= 1


async def test_the_report(tmp_path: Path) -> None:
    text = "Write to jo@example.com or pay to GB82WEST12345698765432."
    spans = [{"start": 9, "end": 23, "type": "EMAIL_ADDRESS"}, {"start": 34, "end": 56, "type": "IBAN_CODE"}]
    rows = [{"id": "1", "text": text, "spans": spans, "new": 1}, {"id": "2", "text": "", "spans": []}]
    (tmp_path / "texts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    report = await run(tmp_path, None, lambda *_: None)
    shown = json.loads(to_json(report))
    assert shown["n"] == 2
    assert {name: one["value"] for name, one in shown["metrics"].items() if name != "ms_per_1000_chars"} == {
        "precision": 1,
        "recall": 1,
        "f2": 1,
    }
    assert shown["metrics"]["ms_per_1000_chars"]["value"] > 0
    assert set(shown["slices"]) == {"EMAIL_ADDRESS", "IBAN_CODE", "any type", "strict type"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "1", "text": "abc"}', "column spans: missing"),
        ('{"id": "1", "text": "abc", "spans": [{"start": 1, "end": 9, "type": "X"}]}', "ends after the text"),
        ('{"id": "1", "text": "abc", "spans": [{"start": 1, "end": 1, "type": "X"}]}', "is empty"),
        ("", "no texts"),
    ],
)
def test_faults_in_the_data_are_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "texts.jsonl").write_text(line)
    with pytest.raises(KairosError, match=said):
        load(tmp_path)
