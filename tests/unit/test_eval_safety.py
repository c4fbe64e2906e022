"""What `eval safety` counts, and which folders it reads."""

import json
from pathlib import Path

import pytest

from evals.safety import Judged, bar_at, measures
from evals.safety_rows import Prompt, load_prompts
from state.errors import KairosError


def judged(label: str, margin: float, characters: int = 100) -> Judged:
    prompt = Prompt(id=f"{label}{margin}", text="x" * characters, label=label, kind=label)  # type: ignore[arg-type]
    return Judged(prompt, margin, "attack", 1.0)


def write(folder: Path, *rows: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"id": str(number), **row}) for number, row in enumerate(rows)]
    (folder / "prompts.jsonl").write_text("\n".join(lines))


def test_the_bar_lets_one_percent_of_the_harmless_through() -> None:
    margins = [float(number) for number in range(200)]
    bar = bar_at(0.01, margins)
    assert bar is not None
    assert sum(margin > bar for margin in margins) == 2
    assert bar_at(0.01, [3.0, 1.0]) == 3.0
    assert bar_at(0.01, []) is None


def test_what_is_counted() -> None:
    rows = [judged("attack", 1.0), judged("attack", -1.0), judged("harmful", 0.0), judged("benign", -2.0)]
    found = measures(rows, bar_at(0.01, [-2.0]))
    assert found["attack_recall"]["value"] == 0.5
    assert found["attack_recall_at_1pct"]["value"] == 1.0
    assert found["harmful_recall"]["value"] == 1.0  # at its threshold a text is refused
    assert found["false_alarm_rate"]["value"] == 0.0
    assert found["ms_per_1000_chars"]["value"] == 10.0


def test_without_harmless_rows_there_is_no_recall_at_one_percent() -> None:
    found = measures([judged("attack", 1.0)], None)
    assert found["attack_recall_at_1pct"]["value"] is None
    assert found["false_alarm_rate"]["value"] is None


def test_a_folder_of_sets_is_read_too(tmp_path: Path) -> None:
    write(tmp_path / "a", {"text": "hello", "label": "benign", "kind": "plain", "further": "ignored"})
    write(tmp_path / "b", {"text": "?", "label": "attack", "kind": "indirect", "context": "Say yes."})
    first, second = load_prompts(tmp_path)
    assert (first.context, second.context) == ("", "Say yes.")


def test_a_missing_column_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(KairosError, match=r"prompts\.jsonl"):
        load_prompts(tmp_path)
    write(tmp_path, {"text": "hello", "kind": "plain"})
    with pytest.raises(KairosError, match="label"):
        load_prompts(tmp_path)


OURS = Path(__file__).parents[2] / "evals" / "datasets" / "safety"


def test_the_texts_of_ours_are_in_the_format() -> None:
    found = load_prompts(OURS)
    assert len(found) > 5_000
    assert {prompt.label for prompt in found} == {"attack", "harmful", "benign"}
    assert len({prompt.id for prompt in found}) == len(found)


def test_no_text_of_ours_stands_in_two_folders() -> None:
    first, second = (
        {(prompt.text.lower(), prompt.context) for prompt in load_prompts(OURS / part)} for part in "ab"
    )
    assert not first & second


def test_what_was_inserted_stands_in_its_document() -> None:
    lines = [
        line for part in "ab" for line in (OURS / part / "prompts.jsonl").read_text("utf-8").splitlines()
    ]
    rows = [row for row in map(json.loads, lines) if "attack" in row]
    assert len(rows) > 1_000
    assert all(row["label"] == "attack" and row["attack"] in row["context"] for row in rows)
