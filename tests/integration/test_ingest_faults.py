"""Runs that are paused, cancelled, killed, or lose their database or disk, end with the same rows as calm ones."""

import asyncio
import gc
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.commands.ingest import resume_run
from state.errors import KairosError
from state.identity import Identity
from state.postgres import collections, documents, ingest_runs
from state.postgres import pool as pools
from state.postgres.pool import admin
from state.settings import settings
from tests.fixtures.dump import dump
from tests.fixtures.embedding_server import embedding_server
from tests.fixtures.ingestion import counts, ingest, somebody
from tests.fixtures.proxy import proxy
from tests.integration.test_documents import statistics_are_exact
from tools import index

ROOT = Path(__file__).resolve().parents[2]
FILES = 96

# LangGraph never starts the other tasks of a step that failed, and Python says so whenever it collects them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Small pages, or a folder of real files that the environment names."""
    if given := os.environ.get("KAIROS_TEST_FILES"):
        return Path(given)
    folder = tmp_path / "pages"
    (folder / "hr").mkdir(parents=True)
    (folder / "hr" / "access.yaml").write_text("- paths: ['**']\n  groups: [people]\n")
    for number in range(FILES):
        place = folder / "hr" if number % 7 == 0 else folder
        place.joinpath(f"{number}.md").write_text(
            f"# Room {number}\n\nRoom marker{number} has {number + 3} chairs.\n\n## Lamps\n\nIt has two lamps.\n"
        )
    (folder / "empty.md").write_text("")
    return folder


def there(tenant: str) -> Identity:
    return Identity(tenant, "ann", local=True)


async def kairos(*arguments: str) -> tuple[int, Any]:
    """A command in a process of its own: its exit code and its JSON."""
    process = await asyncio.to_thread(start(*arguments).communicate)
    return 0, json.loads(process[0].splitlines()[-1])


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def ready() -> threading.Event:
    """Set: the commands' embedding service answers; else it keeps them waiting."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def asked(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ready: threading.Event
) -> Iterator[list[str]]:
    """The texts that commands had embedded, by a slow service of their own."""
    texts: list[str] = []
    with embedding_server(8, texts, ready, latency=0.15) as url:
        monkeypatch.setenv("KAIROS_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("KAIROS_EMBEDDER", "openai")
        monkeypatch.setenv("KAIROS_EMBEDDER_URL", url)
        yield texts


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(0.01)


async def stored(tenant: str) -> list[str]:
    """What the chunks of a tenant say."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT c.text FROM chunks c JOIN documents d ON d.id = c.document WHERE d.tenant = %s", (tenant,)
        )
        return [row["text"] for row in await cursor.fetchall()]


async def newest(tenant: str) -> dict[str, Any] | None:
    return next(iter(await ingest_runs.recent(there(tenant), 1)), None)


async def left(tenant: str) -> dict[str, Any] | None:
    """The newest run, once Postgres has noticed that the process of a killed one is gone."""
    async with asyncio.timeout(30):
        while (run := await newest(tenant)) and run["status"] == "running":  # noqa: ASYNC110 - Postgres is waited for
            await asyncio.sleep(0.05)
    return run


async def killed_at(process: subprocess.Popen[str], asked: list[str], texts: int, pause: float) -> None:
    """Kill a command after it had so many texts embedded, and a moment."""
    before = len(asked)
    await until(lambda: len(asked) >= before + texts or process.poll() is not None)
    await asyncio.sleep(pause)
    process.kill()
    await asyncio.to_thread(process.communicate)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 9))
async def test_a_run_that_is_killed_again_and_again_ends_as_a_calm_one(
    asked: list[str], pages: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - where to kill
    calm = await kairos("ingest", str(pages), "--tenant", "calm")
    again: set[str] = set()
    for _ in range(3):
        run = await left("shaken")
        resume = run is not None and run["status"] == "stopped"
        known = set(await stored("shaken"))
        before = len(asked)
        command = ("runs", "resume", str(run["id"])) if run and resume else ("ingest", str(pages))
        process = start(*command, "--tenant", "shaken")
        await killed_at(process, asked, chance.choice((1, 20, 40)), chance.uniform(0, 0.4))
        again |= {text for text in asked[before:] for body in known if body in text and "marker" in body}
    run = await left("shaken")
    assert run is not None
    if run["status"] != "done":
        assert run["status"] == "stopped"
        known, before = set(await stored("shaken")), len(asked)
        _, report = await kairos("runs", "resume", str(run["id"]), "--tenant", "shaken")
        assert counts(report) == counts(calm[1])
        again |= {text for text in asked[before:] for body in known if body in text and "marker" in body}
    assert not again, "what is stored is not embedded again"
    assert await dump("shaken") == await dump("calm")
    await statistics_are_exact("shaken")


async def test_pause_and_resume_end_as_a_calm_run(
    asked: list[str], ready: threading.Event, pages: Path
) -> None:
    calm = await kairos("ingest", str(pages), "--tenant", "calm")
    before = len(asked)
    ready.clear()
    process = start("ingest", str(pages), "--tenant", "paused")
    await until(lambda: len(asked) > before)
    run = await newest("paused")
    assert run is not None
    assert run["status"] == "running"
    await kairos("runs", "pause", str(run["id"]), "--tenant", "paused")
    ready.set()
    said, _ = await asyncio.to_thread(process.communicate)
    assert json.loads(said.splitlines()[-1]) == {"run": run["id"], "status": "paused"}
    assert 0 < len(await stored("paused")) < len(await stored("calm"))
    known, before = await stored("paused"), len(asked)
    _, report = await kairos("runs", "resume", str(run["id"]), "--tenant", "paused")
    assert counts(report) == counts(calm[1])
    assert not [text for text in asked[before:] for body in known if "marker" in body and body in text]
    assert await dump("paused") == await dump("calm")
    refused = await kairos("runs", "pause", str(run["id"]), "--tenant", "paused")
    assert refused[1]["error"]["code"] == "run_ended"


@pytest.mark.slow
async def test_a_cancelled_run_keeps_what_it_stored_and_the_next_reads_the_rest(
    asked: list[str], ready: threading.Event, pages: Path
) -> None:
    calm = await kairos("ingest", str(pages), "--tenant", "calm")
    before = len(asked)
    ready.clear()
    process = start("ingest", str(pages), "--tenant", "ended")
    await until(lambda: len(asked) > before)
    run = await newest("ended")
    assert run is not None
    await kairos("runs", "cancel", str(run["id"]), "--tenant", "ended")
    ready.set()
    said, _ = await asyncio.to_thread(process.communicate)
    report = json.loads(said.splitlines()[-1])
    assert report["status"] == "cancelled"
    assert 0 < report["added"] < calm[1]["added"]
    _, refused = await kairos("runs", "resume", str(run["id"]), "--tenant", "ended")
    assert refused["error"]["code"] == "run_ended"
    _, rest = await kairos("ingest", str(pages), "--tenant", "ended")
    assert rest["added"] + report["added"] == calm[1]["added"]
    assert await dump("ended") == await dump("calm")


@pytest.mark.slow
async def test_another_process_is_refused_and_a_dead_one_is_not_waited_for(
    asked: list[str], ready: threading.Event, pages: Path
) -> None:
    ready.clear()
    process = start("ingest", str(pages), "--tenant", "one")
    await until(lambda: asked)
    _, refused = await kairos("ingest", str(pages), "--tenant", "one")
    assert refused["error"]["code"] == "ingest_running"
    assert "kairos runs list" in refused["error"]["sentence"]
    process.kill()
    await asyncio.to_thread(process.communicate)
    ready.set()
    _, report = await kairos("ingest", str(pages), "--tenant", "one")
    assert (report["failed"], report["status"]) == (1, "done")
    first, last = reversed(await ingest_runs.recent(there("one"), 5))
    assert (first["status"], last["status"]) == ("cancelled", "done")


@pytest.mark.slow
async def test_a_database_that_is_away_for_seconds_leaves_a_run_to_resume(
    database: str, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm, shaken = somebody(), somebody()
    given = {"paths": [str(pages)], "groups": [], "sync": False, "collection": "default"}
    expected = await ingest(calm, **given)
    await pools.close_pool()
    async with proxy(database) as door:
        monkeypatch.setenv("KAIROS_DATABASE_URL", door.where)
        settings.cache_clear()
        running = asyncio.create_task(ingest(shaken, **given))
        while await documents.count(shaken) == 0:  # noqa: ASYNC110 - a row cannot be awaited
            await asyncio.sleep(0.01)
        await door.shut()
        with pytest.raises((KairosError, psycopg.Error)):
            await running
        await door.open()
        run = await first_answer(lambda: left(shaken.tenant))
        assert run is not None
        assert run["status"] == "stopped"
        assert 0 < await documents.count(shaken) < FILES
        report = await resume_run(shaken, run["id"])
        assert not isinstance(report, int)
        assert counts(report) == counts(expected)
        assert await dump(shaken.tenant) == await dump(calm.tenant)
        await pools.close_pool()


async def first_answer(ask: Callable[[], Awaitable[Any]]) -> Any:
    """What is asked of a database that comes back, when it does."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await ask()
            except KairosError:
                await asyncio.sleep(0.2)


@pytest.fixture
def small_disk(server: Any, tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes that Postgres may write to."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    folder = server.folder / "small"
    folder.mkdir()
    owner = (server.folder / "data").stat()
    options = f"size=6m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True
    ).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_is_said_and_nothing_is_half_stored(
    database: str, small_disk: Path, pages: Path
) -> None:
    calm, full = somebody(), somebody()
    expected = await ingest(calm, paths=[str(pages)])
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        await owner.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
        await owner.execute("ALTER TABLE postings SET TABLESPACE small")
        (small_disk / "ballast").write_bytes(b"x" * free(small_disk))
        with pytest.raises(KairosError, match=r"disk is full.*runs resume") as refused:
            await ingest(full, paths=[str(pages)])
        assert refused.value.code == "database_full"
        run = (await ingest_runs.recent(full, 1))[0]
        assert (run["status"], "disk is full" in run["error"]) == ("stopped", True)
        await statistics_are_exact(calm.tenant)
        assert len(await stored(full.tenant)) <= len(await stored(calm.tenant))
        (small_disk / "ballast").unlink()
        report = await resume_run(full, run["id"])
        assert not isinstance(report, int)
        assert counts(report) == counts(expected)
        assert await dump(full.tenant) == await dump(calm.tenant)
        await owner.execute("ALTER TABLE postings SET TABLESPACE pg_default")
        await owner.execute("DROP TABLESPACE small")


def free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


async def test_an_embedder_that_fails_stops_the_run_and_it_goes_on_later(
    pool: object, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker, calm = somebody(), somebody()
    expected = await ingest(calm, paths=[str(pages)])
    embed, calls = index.vectors, iter(range(1000))

    async def fails_at_last(texts: Any) -> Any:
        if next(calls) >= 2:
            raise KairosError("embedder_answer", "The embedder gave an answer without vectors.")
        return await embed(texts)

    with monkeypatch.context() as patch:
        patch.setattr(index, "vectors", fails_at_last)
        with pytest.raises(KairosError, match="without vectors"):
            await ingest(asker, paths=[str(pages)])
    run = (await ingest_runs.recent(asker, 1))[0]
    assert (run["status"], run["error"]) == ("stopped", "The embedder gave an answer without vectors.")
    report = await resume_run(asker, run["id"])
    assert not isinstance(report, int)
    assert counts(report) == counts(expected)
    assert await dump(asker.tenant) == await dump(calm.tenant)


async def test_versions_are_kept_as_long_as_the_collection_says(pool: object, tmp_path: Path) -> None:
    asker, page = somebody(), tmp_path / "lamp.md"
    for words in ("Lamp one.", "Lamp two.", "Lamp three."):
        page.write_text(f"# Lamps\n\n{words}\n")
        await ingest(asker, paths=[str(page)])
    async with pools.scoped(asker) as connection:
        row = await (await connection.execute("SELECT id, version FROM documents")).fetchone()
    assert row is not None
    assert row["version"] == 3
    old = await documents.read(asker, row["id"], 1)
    assert ("Lamp one." in old["text"], old["version"], old["newest"]) == (True, 1, 3)
    await collections.configure(asker, "default", None, None, 0)
    await ingest(asker, paths=[str(page)])
    with pytest.raises(KairosError, match="no document"):
        await documents.read(asker, row["id"], 1)
    assert "Lamp three." in (await documents.read(asker, row["id"], 3))["text"]
