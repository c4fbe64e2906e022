"""The local model against the reference numbers of sentence-transformers, and its edges."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from state.errors import KairosError
from tools.embed import minilm, onnx_graph

FIXTURE = Path(__file__).parent.parent / "fixtures" / "minilm_reference.json"


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> minilm.Minilm:
    return minilm.load(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def reference() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return rows


async def test_vectors_equal_the_reference(model: minilm.Minilm, reference: list[dict[str, Any]]) -> None:
    expected = np.array([row["vector"] for row in reference])
    vectors = await model.embed([row["text"] for row in reference])
    assert vectors.dtype == np.float32
    assert ((vectors * expected).sum(axis=1) >= 0.9999).all()
    assert np.abs(vectors - expected).max() < 1e-5


async def test_a_query_is_a_passage_alone(model: minilm.Minilm, reference: list[dict[str, Any]]) -> None:
    vector = await model.embed_query(reference[0]["text"])
    assert vector.shape == (model.dimensions,)
    np.testing.assert_allclose(vector, reference[0]["vector"], atol=1e-5)


async def test_order_survives_sorting_into_batches(model: minilm.Minilm) -> None:
    texts = [f"leave rule {number} " * (1 + number * 7 % 60) for number in range(40)]
    together = await model.embed(texts)
    for row in (0, 7, 39):
        np.testing.assert_allclose(together[row], await model.embed_query(texts[row]), atol=1e-5)


async def test_no_texts_give_no_rows(model: minilm.Minilm) -> None:
    assert (await model.embed([])).shape == (0, 384)
    vectors, parts, _ = await model.embed_with_spans([], [])
    assert vectors.shape == (0, 384)
    assert parts == []


@pytest.mark.parametrize(
    "text", ["", " \n", "\x00\x07", "lone \ud800 surrogate", "\u200b", "a" * 5000, "😀" * 900]
)
async def test_odd_texts_give_unit_vectors(model: minilm.Minilm, text: str) -> None:
    vector = await model.embed_query(text)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


async def test_a_span_over_everything_differs_only_by_the_special_tokens(model: minilm.Minilm) -> None:
    text = "Employees accrue leave monthly. Contractors do not accrue leave at all."
    vectors, parts, _ = await model.embed_with_spans([text], [[(0, len(text)), (0, 31), (32, len(text))]])
    np.testing.assert_allclose(vectors, await model.embed([text]), atol=1e-6)
    whole, first, second = parts[0]
    np.testing.assert_allclose(np.linalg.norm(parts[0], axis=1), 1, atol=1e-5)
    assert vectors[0] @ whole > 0.95
    assert first @ second < 0.99


async def test_a_span_is_the_mean_of_its_own_tokens(model: minilm.Minilm) -> None:
    text = "Crème brûlée 東京 rules apply."
    encoding = model.tokenizer.encode(text)
    inputs = minilm.model_inputs([encoding.ids])
    (hidden,) = model.session.run(["hidden"], inputs)
    inside = [row for row, (start, end) in enumerate(encoding.offsets) if end > 13 and start < 15]
    expected = hidden[0, inside].mean(axis=0)
    _, parts, _ = await model.embed_with_spans(["short", text], [[], [(13, 15)]])
    assert parts[0].shape == (0, 384)
    np.testing.assert_allclose(parts[1][0], expected / np.linalg.norm(expected), atol=1e-5)


async def test_spans_without_tokens_are_zero(model: minilm.Minilm) -> None:
    text = "word " * 400
    _, parts, _ = await model.embed_with_spans(
        [text], [[(0, 4), (4, 5), (1900, 1999), (5000, 5001), (0, 2000)]]
    )
    assert [bool(vector.any()) for vector in parts[0]] == [True, False, False, False, True]


@pytest.mark.parametrize("cpus", [1, 2, 16])
def test_batches_keep_every_row_and_the_budget(cpus: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "usable_cpus", lambda: cpus)
    lengths = [256, 2, 90, 256, 256, 256, 256, 17, 3, 128] * 5
    rows = list(minilm.batches(lengths))
    assert sorted(row for batch in rows for row in batch) == list(range(len(lengths)))
    padded = [len(batch) * max(lengths[row] for row in batch) for batch in rows if len(batch) > 1]
    assert max(padded) <= minilm.TOKENS_PER_CPU * cpus


def test_the_model_file_is_built_once(tmp_path: Path) -> None:
    minilm.load(tmp_path)
    (file,) = tmp_path.iterdir()
    built = file.stat().st_mtime_ns
    minilm.load(tmp_path)
    assert [(path, path.stat().st_mtime_ns) for path in tmp_path.iterdir()] == [(file, built)]


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "weights.safetensors"
    broken.write_bytes(b"not safetensors")
    with pytest.raises(Exception, match="header"):
        onnx_graph.write(broken, tmp_path / "models" / "model.onnx")
    assert list((tmp_path / "models").iterdir()) == []


def test_an_unwritable_cache_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(KairosError, match=r"Cannot write the embedding model to .*models"):
        minilm.load(tmp_path / "models")


def test_a_damaged_model_file_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "model.onnx"
    damaged.write_bytes(b"\x00\x01damaged")
    with pytest.raises(KairosError, match=r"Cannot read the embedding model .*model\.onnx"):
        minilm.open_session(damaged)
