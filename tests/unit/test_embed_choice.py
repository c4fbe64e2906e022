"""Which embedder the settings choose, and what each says when it cannot start."""

import asyncio
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from state.errors import KairosError
from state.settings import settings
from tools.embed import embedder
from tools.embed.minilm import Minilm


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """A home and a choice of its own."""
    monkeypatch.setattr(embedder, "_ready", None)
    monkeypatch.setenv("KAIROS_HOME", str(tmp_path))
    settings.cache_clear()
    embedder._load.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()
    embedder._load.cache_clear()


async def test_the_local_model_is_the_default_and_loads_once(tmp_path: Path) -> None:
    first, *others = await asyncio.gather(*(embedder.embedder() for _ in range(3)))
    assert isinstance(first, Minilm)
    assert all(other is first for other in others)
    assert (first.name, first.dimensions) == ("all-MiniLM-L6-v2", 384)
    assert [file.suffix for file in (tmp_path / "models").iterdir()] == [".onnx"]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("word2vec", "'word2vec'; it can be minilm, openai, cohere or fastembed"),
        ("openai", "Set KAIROS_EMBEDDER_KEY, or KAIROS_EMBEDDER_URL"),
        ("cohere", "cohere needs KAIROS_EMBEDDER_KEY"),
    ],
)
async def test_what_cannot_start_says_why(
    environment: pytest.MonkeyPatch, choice: str, sentence: str
) -> None:
    environment.setenv("KAIROS_EMBEDDER", choice)
    with pytest.raises(KairosError, match=sentence):
        await embedder.embedder()


@pytest.mark.skipif(importlib.util.find_spec("fastembed") is not None, reason="fastembed is installed")
async def test_a_missing_extra_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KAIROS_EMBEDDER", "fastembed")
    with pytest.raises(KairosError, match=r"pip install '\.\[fastembed\]'"):
        await embedder.embedder()
