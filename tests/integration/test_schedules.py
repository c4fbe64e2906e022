"""Sources that are due are read once, by whichever server comes first; the others wait for their time."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import schedule
from app.schedule import beside_the_server, read_due
from state.errors import KairosError
from state.identity import Identity
from state.postgres import collections, documents, ingest_runs, schedules
from state.postgres.pool import admin
from tools import index

ANN = Identity("brook", "ann", local=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.md").write_text(f"# Room {name}\n\nRoom {name} has a piano.\n")
    return tmp_path


async def add(location: Path, schedule: str | None, *, ago: timedelta | None, collection: str = "web") -> int:
    """A source that was last read so long ago, or never but added two days ago."""
    found = await collections.ensure(ANN, collection)
    number = await collections.add_source(ANN, found, "folder", str(location), {}, (), schedule)
    async with admin() as connection:
        await connection.execute(
            "UPDATE sources SET last_run = now() - %s::interval, created_at = now() - interval '2 days' WHERE id = %s",
            (ago, number),
        )
    return number


async def sources() -> dict[str, dict[str, Any]]:
    return {Path(row["location"]).name: row for row in await collections.sources(ANN)}


async def test_a_due_source_is_read_once_by_two_that_compete(database: str, folder: Path) -> None:
    await add(folder / "one", "* * * * *", ago=timedelta(hours=1))
    await add(folder / "two", "0 0 1 1 *", ago=timedelta(0))
    assert sorted(await asyncio.gather(read_due(), read_due())) == [False, True]
    assert not await read_due()
    assert len(await ingest_runs.recent(ANN, 10)) == 1
    assert await documents.count(ANN) == 1
    rows = await sources()
    assert datetime.now(UTC) - rows["one"]["last_run"] < timedelta(minutes=1)
    assert (rows["one"]["files"], rows["two"]["files"]) == (1, 0)


async def test_one_that_was_never_read_is_due_after_its_first_time(database: str, folder: Path) -> None:
    await add(folder / "one", "0 12 * * *", ago=None)
    number = await add(folder / "two", "0 12 * * *", ago=None)
    async with admin() as connection:
        await connection.execute("UPDATE sources SET created_at = now() WHERE id = %s", (number,))
    assert await read_due()
    assert not await read_due()
    assert (await sources())["two"]["files"] == 0


async def test_the_due_sources_of_a_collection_are_read_in_one_run(database: str, folder: Path) -> None:
    for name in ("one", "two"):
        await add(folder / name, "* * * * *", ago=timedelta(hours=1))
    await add(folder, "* * * * *", ago=timedelta(minutes=30), collection="other")
    assert [await read_due() for _ in range(3)] == [True, True, False]
    assert [run["collection"] for run in await ingest_runs.recent(ANN, 10)] == ["other", "web"]


async def test_a_source_without_a_schedule_is_nobodys_business(database: str, folder: Path) -> None:
    await add(folder / "one", None, ago=timedelta(days=400))
    assert not await read_due()


async def test_a_collection_that_is_being_read_stays_due(
    database: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await add(folder / "one", "* * * * *", ago=timedelta(hours=1))
    collection = await collections.find(ANN, "web")
    before = (await sources())["one"]["last_run"]
    with caplog.at_level(logging.ERROR):
        async with ingest_runs.holding(collection, 999):
            assert not await read_due()
    assert "Another run is reading the collection 'web'" in caplog.text
    assert (await sources())["one"]["last_run"] == before
    await ingest_runs.release(collection.id)
    assert await read_due()
    assert await documents.count(ANN) == 1


async def test_a_failure_is_logged_and_listed_and_the_next_time_comes(
    database: str, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_model() -> None:
        raise KairosError("embedder_unavailable", "The embedder cannot be reached.")

    await add(folder / "one", "* * * * *", ago=timedelta(hours=1))
    monkeypatch.setattr(index, "embedder", no_model)
    with caplog.at_level(logging.ERROR):
        assert await read_due()
    (run,) = await ingest_runs.recent(ANN, 10)
    assert run["status"] == "stopped"
    assert run["error"] == "The embedder cannot be reached."
    assert run["error"] in caplog.text
    assert not await read_due(), "it is not tried again before its time"


async def test_a_folder_that_is_not_there_is_a_failure_of_the_run(database: str, folder: Path) -> None:
    number = await add(folder / "one", "* * * * *", ago=timedelta(hours=1))
    assert await read_due()
    async with admin() as connection:
        await connection.execute(
            "UPDATE sources SET last_run = now() - interval '1 hour' WHERE id = %s", (number,)
        )
    (folder / "one").rename(folder / "moved")
    assert await read_due()
    newest, _ = await ingest_runs.recent(ANN, 10)
    assert (newest["status"], newest["failed"]) == ("done", 1)
    assert await documents.count(ANN) == 1


async def test_a_schedule_that_is_none_is_passed_over(
    database: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await add(folder / "one", "every morning", ago=timedelta(days=1))
    await add(folder / "two", "* * * * *", ago=timedelta(hours=1))
    assert await read_due()
    assert "'every morning' is no schedule" in caplog.text
    assert (await sources())["two"]["files"] == 1


async def test_what_was_claimed_by_a_server_that_stops_is_due_again(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(folder / "one", "* * * * *", ago=timedelta(hours=1))
    before = (await sources())["one"]["last_run"]
    began = asyncio.Event()

    async def endless(claimed: object) -> None:
        began.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(schedule, "_read", endless)
    async with beside_the_server(None):
        await began.wait()
        assert (await sources())["one"]["last_run"] > before
    assert (await sources())["one"]["last_run"] == before


async def test_schedules_go_on_after_a_database_that_was_away(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schedule, "POLL_S", 0.01)
    monkeypatch.setattr(schedule, "AT_ONCE", 1)
    claim, tries = schedules.claim, iter(["away", "away"])

    async def away_at_first(is_due: schedules.IsDue) -> schedules.Claim | None:
        if next(tries, None):
            raise KairosError("database_unavailable", "The database is away.")
        return await claim(is_due)

    monkeypatch.setattr(schedules, "claim", away_at_first)
    await add(folder / "one", "* * * * *", ago=timedelta(hours=1))
    async with beside_the_server(None):
        async with asyncio.timeout(20):
            while not await documents.count(ANN):  # noqa: ASYNC110 - a row cannot be awaited
                await asyncio.sleep(0.02)
    assert caplog.text.count("Schedules could not be looked at") == 2
