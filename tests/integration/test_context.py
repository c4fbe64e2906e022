"""Generated context: asked for before it is paid, kept, found by, never quoted, and gone with its file."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langgraph.types import Command

from app.commands.ingest import ingest_files, ingest_paths, resume_run
from app.local import configure, question_of, stream
from graphs.ingest import build
from state.identity import Identity
from state.ingest import Report
from state.postgres import collections, documents, file_reports, ingest_runs
from state.postgres.pool import admin
from state.settings import settings
from tests.fixtures.model_server import ModelServer, Reply
from tests.integration.test_documents import statistics_are_exact, tables_holding
from tools.models.catalog import catalog
from tools.models.opened import close_door
from tools.rerank.rank import rerank
from tools.retrieval import find

SECTIONS = "alder birch cedar dogwood".split()
PAGE = "# Quays\n\n" + "\n\n".join(
    f"## The {name} quay\n\n"
    + " ".join(f"Place {number} there takes a boat of {number} feet." for number in range(20))
    for name in SECTIONS
)


def describe(body: dict[str, Any]) -> str:
    """A line for each chunk that was sent."""
    chunks = re.findall(r'<chunk number="(\d+)" section="([^"]*)">', body["messages"][-1]["content"])
    return json.dumps({number: f"Heron notes on {section or 'all'}." for number, section in chunks})


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
async def model(
    running: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ModelServer]:
    path = tmp_path / "models.yaml"
    path.write_text(
        f'models: [{{name: stub, provider: openai, base_url: "{running.url}", model: stub-1, timeout: 5, '
        "input_price: 2, output_price: 8, roles: [context]}]"
    )
    monkeypatch.setenv("KAIROS_MODELS", str(path))
    settings.cache_clear()
    catalog.cache_clear()
    running.script(Reply(describe))
    running.calls.clear()
    yield running
    await close_door()
    monkeypatch.undo()
    settings.cache_clear()
    catalog.cache_clear()


@pytest.fixture
async def asker(pool: object) -> Identity:
    """Somebody whose collection wants context."""
    identity = Identity(f"context-{uuid4().hex[:8]}", "ann", local=True)
    await collections.configure(identity, "default", None, True, None)
    return identity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "quays.md").write_text(PAGE)
    return folder


async def read(folder: Path, asker: Identity) -> Report:
    """Read a folder, and say yes to what it costs."""
    report = await ingest_paths([str(folder)], asker, [], True, yes=True)
    assert isinstance(report, dict)
    return report


async def chunks(tenant: str) -> list[dict[str, str]]:
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT c.context, c.text, c.headings FROM chunks c JOIN documents d ON d.id = c.document "
            "WHERE d.tenant = %s ORDER BY d.uri, c.ordinal",
            (tenant,),
        )
        return [dict(row) for row in await cursor.fetchall()]


async def test_the_cost_is_asked_before_anything_is_read(
    model: ModelServer, folder: Path, asker: Identity
) -> None:
    config = configure(asker)
    events = [e async for _, e in stream(build(), {"paths": [str(folder)]}, config)]
    assert "report" not in events[-1]
    question = await question_of(build(), config)
    assert question is not None
    cost = question["cost"]
    assert cost["calls"] >= 1
    assert cost["cost"] == pytest.approx(
        (cost["input_tokens"] * 2 + cost["output_tokens"] * 8) / 1e6, abs=1e-6
    )
    assert question["sentence"].startswith(f"The model 'stub' would be called about {cost['calls']} times")
    assert not model.calls
    assert await documents.count(asker) == 0
    assert await ingest_runs.status(asker, question["run"]) == "paused"
    again = configure(asker, config["configurable"]["thread_id"])
    events = [e async for _, e in stream(build(), Command(resume={"go_on": True}), again)]
    assert (events[-1]["report"]["added"], events[-1]["report"]["status"]) == (1, "done")
    sent = sum(len(str(call.body["messages"]).split()) for call in model.calls)
    assert 0.3 < cost["input_tokens"] / sent < 3
    assert len(model.calls) <= cost["calls"]


@pytest.mark.parametrize("answer", [{"go_on": False}, True, "yes", {"go_on": "true"}])
async def test_any_other_answer_ends_the_run_and_changes_nothing(
    model: ModelServer, folder: Path, asker: Identity, answer: object
) -> None:
    config = configure(asker)
    async for _ in stream(build(), {"paths": [str(folder)]}, config):
        pass
    again = configure(asker, config["configurable"]["thread_id"])
    events = [e async for _, e in stream(build(), Command(resume=answer), again)]
    report = events[-1]["report"]
    assert (report["status"], report["added"], report["chunks"]) == ("cancelled", 0, 0)
    assert not model.calls
    assert await documents.count(asker) == 0
    assert (await read(folder, asker))["added"] == 1


async def test_a_refusal_holds_whatever_became_of_the_run_meanwhile(
    model: ModelServer, folder: Path, asker: Identity
) -> None:
    number = await ingest_paths([str(folder)], asker, [], False)
    assert isinstance(number, int)
    found = await ingest_runs.find(asker, number)
    await ingest_runs.set_status(asker, number, "running", only_from=("paused",))
    again = configure(asker, found["thread_id"])
    events = [e async for _, e in stream(build(), Command(resume={"go_on": False}), again)]
    assert events[-1]["report"]["status"] == "cancelled"
    assert not model.calls
    assert await documents.count(asker) == 0


async def test_nobody_to_ask_leaves_the_run_paused(model: ModelServer, folder: Path, asker: Identity) -> None:
    number = await ingest_paths([str(folder)], asker, [], False)
    assert isinstance(number, int)
    assert await resume_run(asker, number) == number
    report = await resume_run(asker, number, yes=True)
    assert isinstance(report, dict)
    assert (report["added"], report["run"]) == (1, number)


async def test_context_is_found_by_and_never_quoted(
    model: ModelServer, folder: Path, asker: Identity
) -> None:
    await read(folder, asker)
    stored = await chunks(asker.tenant)
    assert len(stored) >= len(SECTIONS)
    for chunk in stored:
        assert chunk["context"].startswith("Heron notes on")
        assert chunk["text"] in PAGE.replace("#", "").replace("\n ", "\n").strip()
    passages = await rerank(asker, "heron", await find(asker, "heron", mode="bm25"), 10)
    assert len(passages) == len(stored)
    assert not any("heron" in passage["text"].lower() for passage in passages)
    await statistics_are_exact(asker.tenant)


async def test_what_was_described_is_not_paid_for_again(
    model: ModelServer, folder: Path, asker: Identity
) -> None:
    await read(folder, asker)
    model.calls.clear()
    (folder / "quays.md").write_text(PAGE.replace("## The dogwood quay", "## The dogwood pier"))
    (folder / "copy.txt").write_text("A page of its own about herons.")
    assert (await read(folder, asker))["updated"] == 1
    asked = [call.body["messages"][-1]["content"] for call in model.calls]
    assert len(asked) == 2
    assert sum("dogwood pier" in text for text in asked) == 1
    assert not any("alder" in text for text in asked)
    assert all(chunk["context"] for chunk in await chunks(asker.tenant))


@pytest.mark.parametrize(
    "reply",
    [
        "I would rather not.",
        '{"1": 7}',
        '["one", "two"]',
        '{"1": "',
        json.dumps({"1": "word " * 200}),
        "",
    ],
    ids=["prose", "number", "list", "cut", "long", "empty"],
)
async def test_an_answer_that_is_no_use_means_no_context(
    model: ModelServer, folder: Path, asker: Identity, reply: str
) -> None:
    model.script(Reply(reply))
    report = await read(folder, asker)
    assert (report["added"], report["failed"]) == (1, 0)
    assert {chunk["context"] for chunk in await chunks(asker.tenant)} == {""}
    assert (await file_reports.summary(asker))["flags"]["context_missing"] == 1


async def test_a_line_that_can_be_used_is_kept_when_others_cannot(
    model: ModelServer, folder: Path, asker: Identity
) -> None:
    model.script(Reply('Sure:\n```json\n{"2": "Heron\\n notes.", "9": "None.", "3": ""}\n```'))
    await read(folder, asker)
    first, second, *others = [chunk["context"] for chunk in await chunks(asker.tenant)]
    assert (first, second, set(others)) == ("", "Heron notes.", {""})


async def test_a_model_that_fails_is_left_alone_and_the_files_are_stored(
    model: ModelServer, folder: Path, asker: Identity
) -> None:
    for number in range(12):
        (folder / f"page-{number}.md").write_text(f"# Page {number}\n\nRoom {number} has chairs.")
    model.script(Reply("no", status=401))
    report = await read(folder, asker)
    assert (report["added"], report["failed"]) == (13, 0)
    assert len(model.calls) <= 4
    assert (await file_reports.summary(asker))["flags"]["context_missing"] == 13
    model.script(Reply(describe))
    files = [row["id"] for row in await file_reports.list_files(asker)]
    again = await ingest_files(asker, "default", files, yes=True)
    assert isinstance(again, dict)
    assert again["updated"] == 13
    assert all(chunk["context"] for chunk in await chunks(asker.tenant))


async def test_context_goes_with_its_file(model: ModelServer, folder: Path, asker: Identity) -> None:
    marker = "zq" + uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    (folder / "word.md").write_text("# Word\n\nThere is a word.")
    model.script(Reply(json.dumps({str(n): f"The word is {marker}{n}." for n in range(1, 5)})))
    await read(folder, asker)
    assert {"public.chunks", "public.chunk_contexts", "public.postings"} <= set(await tables_holding(marker))
    model.script(Reply(describe))
    pages = [folder / "word.md", folder / "quays.md"]
    for page in pages:
        page.write_text(page.read_text().replace("# ", "# New "))
    await read(folder, asker)
    assert await tables_holding(marker) == []
    for page in pages:
        page.unlink()
    await read(folder, asker)
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT count(*) AS n FROM chunk_contexts WHERE tenant = %s", (asker.tenant,)
        )
        assert await cursor.fetchone() == {"n": 0}


async def test_without_the_wish_or_a_model_nobody_is_asked(
    model: ModelServer, folder: Path, asker: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    await collections.configure(asker, "default", None, False, None)
    report = await ingest_paths([str(folder)], asker, [], False)
    assert isinstance(report, dict)
    await collections.configure(asker, "default", None, True, None)
    monkeypatch.delenv("KAIROS_MODELS")
    settings.cache_clear()
    catalog.cache_clear()
    report = await ingest_paths([str(folder)], asker, [], False)
    assert isinstance(report, dict)
    assert not model.calls
    assert {chunk["context"] for chunk in await chunks(asker.tenant)} == {""}
