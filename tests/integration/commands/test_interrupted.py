"""An ingest that is killed, or loses its database or disk, says so and is finished by the next."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.fixtures.commands import Here, error, kairos, sentence, start


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder of 100 pages."""
    for number in range(100):
        text = f"# Page {number}\n\nRoom {number} has {number + 3} chairs and a view of the harbour.\n"
        (tmp_path / f"{number}.md").write_text(text)
    return tmp_path


def stored(database: str) -> tuple[int, int]:
    """How many documents there are, and how many of them are not whole."""
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM chunks c WHERE c.document = d.id)) "
            "FROM documents d"
        ).fetchone()
    assert row is not None
    return row


def wait_for(database: str, documents: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if stored(database)[0] >= documents:
                return
        except psycopg.errors.UndefinedTable:
            time.sleep(0.02)
    raise AssertionError("nothing was stored")


@contextmanager
def gone(database: str) -> Iterator[None]:
    """Within, every connection to a database is cut, and none can be made."""
    with psycopg.connect(database, dbname="postgres", autocommit=True) as owner:
        name = conninfo_to_dict(database)["dbname"]
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def finished(database: str, home: Path, many: Path) -> None:
    """What an ingest left behind is whole, and the next one adds the rest."""
    documents, parts = stored(database)
    assert 3 <= documents < 100
    assert parts == 0
    report = kairos(home, "ingest", str(many), KAIROS_DATABASE_URL=database)
    assert (report["added"], report["unchanged"], report["failed"]) == (100 - documents, documents, 0)
    assert stored(database) == (100, 0)


@pytest.mark.slow
def test_an_ingest_that_is_killed_is_finished_by_the_next(database: str, home: Path, many: Path) -> None:
    process = start(home, "ingest", str(many), KAIROS_DATABASE_URL=database)
    try:
        wait_for(database, 3)
    finally:
        process.kill()
        process.communicate()
    finished(database, home, many)


@pytest.mark.slow
def test_an_ingest_whose_database_goes_away_says_so_and_is_finished_by_the_next(
    database: str, home: Path, here: Here, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("state.postgres.pool.WAIT_S", 1.0)
    done, over = [], threading.Event()

    def cut() -> None:
        wait_for(database, 3)
        with gone(database):
            over.wait(60)

    cutting = threading.Thread(target=cut)
    cutting.start()
    try:
        done.append(here("ingest", str(many), "--json", KAIROS_DATABASE_URL=database))
    finally:
        over.set()
        cutting.join()
    assert error(done[0]) in ("database_failed", "database_unavailable")
    assert sentence(done[0]).startswith("kairos: ")
    finished(database, home, many)


def test_a_full_disk_ends_in_one_sentence(database: str, here: Here, tmp_path: Path) -> None:
    (tmp_path / "dogs.md").write_text("# Dogs\n\nDogs are welcome.\n")
    assert here("doctor", KAIROS_DATABASE_URL=database).exit_code == 0
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file: "
            "No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        owner.execute("CREATE TRIGGER t BEFORE INSERT ON chunks EXECUTE FUNCTION full_disk()")
        done = here("ingest", str(tmp_path), "--json", KAIROS_DATABASE_URL=database)
        assert error(done) == "database_full"
        assert "No space left on device" in sentence(done)
        assert stored(database) == (0, 0)
        owner.execute("DROP TRIGGER t ON chunks")
    assert here("ingest", str(tmp_path), KAIROS_DATABASE_URL=database).exit_code == 0
