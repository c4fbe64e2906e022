"""Another embedder: refused until `reindex` has made all vectors anew, which may be cut short or overtaken."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.commands.reindex import embed_anew
from state.errors import KairosError
from state.identity import Identity
from state.postgres import reindex
from state.postgres.pool import admin
from tests.integration.test_assistant import ask
from tests.integration.test_ingest import ingest
from tools.embed import embedder
from tools.embed.vectors import unit_rows
from tools.rerank.rank import rerank
from tools.retrieval import find

ANN = Identity("reindex", "ann", local=True)
PAGES = {"leave": "Staff have 27 days of paid leave.", "dogs": "Dogs are welcome in the Leeds office."}


class Letters:
    """An embedder that counts letters; `budget` texts, then it fails."""

    def __init__(self, name: str, dimensions: int, budget: int = 1_000) -> None:
        self.name, self.dimensions, self.budget = name, dimensions, budget

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.budget -= len(texts)
        if self.budget < 0:
            raise KairosError("embedder_unavailable", "The embedder is gone.")
        rows = [[1.0 + text.count(chr(97 + i % 26)) for i in range(self.dimensions)] for text in texts]
        return unit_rows(rows, len(texts), self.name)

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = (await self.embed([text]))[0]
        return vector


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{text}\n")
    return tmp_path


def use(patch: pytest.MonkeyPatch, model: object) -> None:
    patch.setattr(embedder, "_ready", model)


async def found(query: str) -> list[str]:
    return [passage["document"] for passage in await rerank(ANN, query, await find(ANN, query), 10)]


async def index() -> dict[str, object]:
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT embedder, dimensions, "
            "(SELECT count(*) FROM chunks WHERE vector_dims(embedding) = dimensions) AS fit, "
            "(SELECT count(*) FROM pg_attribute WHERE attrelid = 'chunks'::regclass AND attname ~ '^new') AS spare, "
            "to_regclass('chunks_embedding') IS NOT NULL AS indexed FROM index_settings"
        )
        row = await rows.fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("dimensions", [384, 8, 500])
async def test_another_embedder_is_refused_until_the_index_is_made_anew(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch, dimensions: int
) -> None:
    await ingest(folder, ANN)
    before = await index()
    (folder / "more.md").write_text("# More\n\nCats sleep in York.\n")
    with monkeypatch.context() as patch:
        name = f"letters-{dimensions}"
        use(patch, Letters(name, dimensions))
        for attempt in (ingest(folder, ANN), find(ANN, "paid leave"), ask("How many days of leave?", ANN)):
            with pytest.raises(KairosError, match=r"letters-\d+ .*run 'kairos reindex'") as refused:
                await attempt
            assert refused.value.code == "embedder_changed"
        assert await index() == before
        assert await embed_anew() == {"chunks": 2, "embedder": name, "dimensions": dimensions}
        assert set(await found("paid leave")) == {"leave.md", "dogs.md"}
        assert (await ingest(folder, ANN))["added"] == 1
        assert (await ask("Where do cats sleep?", ANN))["citations"][0]["document"] == "more.md"
        assert await index() == {
            "embedder": name,
            "dimensions": dimensions,
            "fit": 3,
            "spare": 0,
            "indexed": True,
        }
    with pytest.raises(KairosError, match="run 'kairos reindex'"):
        await find(ANN, "paid leave")
    assert (await embed_anew())["dimensions"] == 384
    assert (await found("may I bring my puppy to work?"))[0] == "dogs.md"


async def test_searches_that_were_prepared_go_on_after_a_reindex(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ingest(folder, ANN)

    async def ask_on() -> int:
        answered = 0
        while answered < 200:
            try:
                assert set(await found("paid leave")) == {"leave.md", "dogs.md"}
            except KairosError as error:
                if error.code != "embedder_changed":  # asked with a vector of the one model, met the other's
                    raise
            answered += 1
        return answered

    for _ in range(8):  # as often as makes psycopg prepare the statement
        assert set(await found("paid leave")) == {"leave.md", "dogs.md"}
    use(monkeypatch, Letters("letters", 8))
    _, *answered = await asyncio.gather(embed_anew(), *(ask_on() for _ in range(3)))
    assert answered == [200] * 3
    assert set(await found("paid leave")) == {"leave.md", "dogs.md"}


async def test_a_new_index_takes_the_embedder_that_is_configured(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Letters("letters", 8))
    assert await find(ANN, "paid leave") == []
    report = await ingest(folder, ANN)
    assert (report["added"], report["failed"]) == (2, 0)
    assert set(await found("paid leave")) == {"leave.md", "dogs.md"}
    assert await index() == {"embedder": "letters", "dimensions": 8, "fit": 2, "spare": 0, "indexed": True}


async def test_what_was_cut_short_goes_on_and_search_with_it(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ingest(folder, ANN)
    monkeypatch.setattr("app.commands.reindex.BATCH", 1)
    with monkeypatch.context() as patch:
        use(patch, Letters("letters", 8, budget=1))
        with pytest.raises(KairosError, match="is gone"):
            await embed_anew()
    assert (await found("paid leave"))[0] == "leave.md"
    (folder / "more.md").write_text("# More\n\nCats sleep in York.\n")
    (folder / "dogs.md").unlink()
    await ingest(folder, ANN, sync=True)
    use(monkeypatch, Letters("letters", 8))
    assert (await embed_anew())["chunks"] in (1, 2)  # the new page, and leave.md where dogs.md was done first
    assert "more.md" in await found("cats in York")
    assert (await index())["fit"] == 2


@pytest.mark.parametrize(("name", "dimensions"), [("other", 8), ("letters", 16), ("other", 16)])
async def test_vectors_of_two_models_never_meet(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, dimensions: int
) -> None:
    await ingest(folder, ANN)
    monkeypatch.setattr("app.commands.reindex.BATCH", 1)
    use(monkeypatch, Letters("letters", 8, budget=1))
    with pytest.raises(KairosError, match="is gone"):
        await embed_anew()
    use(monkeypatch, Letters(name, dimensions))
    assert await embed_anew() == {"chunks": 2, "embedder": name, "dimensions": dimensions}


async def test_a_page_that_comes_in_meanwhile_gets_its_vector_too(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ingest(folder, ANN)
    minilm = await embedder.embedder()
    finish, tried = reindex.finish, []

    async def overtaken(name: str, dimensions: int) -> bool:
        tried.append(name)
        if len(tried) == 2:
            with monkeypatch.context() as patch:
                use(patch, minilm)
                (folder / "more.md").write_text("# More\n\nCats sleep in York.\n")
                await ingest(folder, ANN)
        return await finish(name, dimensions)

    monkeypatch.setattr(reindex, "finish", overtaken)
    use(monkeypatch, Letters("letters", 8))
    assert (await embed_anew())["chunks"] == 3
    assert len(tried) == 3
    assert "more.md" in await found("cats in York")


async def test_an_empty_index_is_made_anew_too(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Letters("letters", 8))
    assert (await embed_anew())["chunks"] == 0
    assert await index() == {"embedder": "letters", "dimensions": 8, "fit": 0, "spare": 0, "indexed": True}
