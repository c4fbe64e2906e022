"""The reader: windows of long passages, scores that rank units, weights that are checked before use."""

from pathlib import Path

import pytest

from state.errors import KairosError
from tools import weights
from tools.passages import Passage
from tools.reading.reader import load, read
from tools.reading.said import log_odds, probability
from tools.reading.states import Held, Memory, held
from tools.reading.units import units
from tools.reading.windows import LONGEST, windows

KENNEL = (
    "The kennel opens at eight. Dogs are walked twice a day, in the morning and before supper. "
    "Owners bring the animal's own blanket. Payment is due on the day of collection."
)


def passage(text: str, title: str = "Kennel rules") -> Passage:
    return Passage("1", "kennel.md", title, text, 0, None, (title, "Daily life"), 1.0)


def test_every_unit_of_a_long_passage_stands_whole_in_one_window() -> None:
    long = passage(
        " ".join(f"Rule number {n} says that box {n} is cleaned by keeper {n}." for n in range(80))
    )
    found = units([long])
    cut = windows(load().tokenizer, long, found)
    assert len(cut) > 1
    assert all(len(window.ids) <= LONGEST for window in cut)
    spans = [(window, span) for window in cut for span in window.units]
    assert len(spans) == len(found)
    for unit, (window, (start, end)) in zip(found, spans, strict=True):
        read_text = long.text[window.offsets[start][0] : window.offsets[end - 1][1]]
        assert read_text == unit.text


def test_a_unit_longer_than_a_window_is_read_as_far_as_it_goes() -> None:
    endless = passage("word " * 2_000 + "end. A short rule follows.")
    cut = windows(load().tokenizer, endless, units([endless]))
    assert sum(len(window.units) for window in cut) == 2
    assert all(len(window.ids) <= LONGEST for window in cut)


async def test_the_sentence_that_answers_scores_best() -> None:
    reads = await read("How many walks do the dogs get?", [passage(KENNEL)])
    assert max(reads, key=lambda one: one.score).unit.text.startswith("Dogs are walked twice a day")


async def test_scores_compare_across_passages_and_do_not_depend_on_their_company() -> None:
    other = passage("The bakery sells rye bread. Rolls are baked at five.", "Bakery")
    alone = await read("How many walks do the dogs get?", [passage(KENNEL)])
    together = await read("How many walks do the dogs get?", [other, passage(KENNEL)])
    assert [one.unit.passage for one in together] == [0, 0, 1, 1, 1, 1]
    assert [one.score for one in together[2:]] == pytest.approx([one.score for one in alone], abs=1e-6)


def test_what_was_read_is_kept_within_bounds() -> None:
    (one,) = held(load(), [passage(KENNEL)])
    memory = Memory(2 * one.bytes)
    keys = [("", (), name) for name in "abc"]
    for key in keys[:2]:
        memory.put(key, one)
    assert memory.get(keys[0]) is one  # so that b is the oldest
    memory.put(keys[2], one)
    assert [memory.get(key) is not None for key in keys] == [True, False, True]
    for _ in range(5):
        memory.put(keys[0], one)
    assert memory.get(keys[2]) is one
    memory.put(keys[1], Held(one.units, [*one.windows] * 3))
    assert not any(memory.get(key) for key in keys)


async def test_what_is_said_is_likelier_than_what_is_not() -> None:
    said = await read("How many walks do the dogs get?", [passage(KENNEL)])
    unsaid = await read("Which bank lends money for tractors?", [passage(KENNEL)])
    assert probability(said) > probability(unsaid)
    assert log_odds(said) >= max(one.score for one in said)


async def test_nothing_to_read_says_nothing() -> None:
    assert await read("Anything?", []) == []
    assert probability([]) == 0.0


async def test_odd_characters_are_read() -> None:
    odd = passage("Lone \ud800 surrogate. 🐶 Dogs 🐕 bark. नमस्ते दुनिया।")
    reads = await read("🐶?", [odd])
    assert [one.unit.text for one in reads] == [unit.text for unit in units([odd])]


def test_damaged_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reader.onnx").write_bytes(b"half a file")
    (tmp_path / "reader.sha256").write_text("0" * 64)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(KairosError, match=r"reader\.onnx is damaged") as caught:
        weights.verified("reader.onnx")
    assert caught.value.code == "weights_damaged"


def test_missing_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(KairosError, match=r"Cannot read the model .*reader\.onnx"):
        weights.verified("reader.onnx")
