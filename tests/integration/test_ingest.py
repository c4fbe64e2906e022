"""The ingest machine over real files: what is new, changed, gone, broken, restricted, or interrupted."""

import asyncio
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fpdf import FPDF

from app.local import configure, stream
from graphs.ingest import build
from state.errors import KairosError
from state.identity import Identity
from state.ingest import Report
from state.postgres import documents
from state.postgres.pool import admin, scoped
from tests.fixtures.ingestion import ingest as run
from tests.fixtures.ingestion import somebody
from tests.integration.test_documents import statistics_are_exact, tables_holding
from tools.rerank.rank import rerank
from tools.retrieval import find

LEAVE = "# Leave\n\nEvery employee of Brook & Vale has 27 days of paid leave.\n"
PAY = "# Pay bands\n\nBand seven at Brook & Vale pays 61,000 a year.\n"


@pytest.fixture
def asker() -> Identity:
    return somebody()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "leave.md").write_text(LEAVE)
    (folder / "pay.md").write_text(PAY)
    return folder


async def ingest(folder: Path, asker: Identity, **given: Any) -> Report:
    return await run(asker, **{"paths": [str(folder)], **given})


async def search(asker: Identity, text: str) -> list[str]:
    return [p["text"] for p in await rerank(asker, text, await find(asker, text), 5)]


async def test_new_unchanged_changed_and_vanished(pool: object, folder: Path, asker: Identity) -> None:
    first = await ingest(folder, asker)
    assert (first["added"], first["failed"], first["chunks"]) == (2, 0, 2)
    assert (await ingest(folder, asker))["unchanged"] == 2
    (folder / "leave.md").write_text(LEAVE.replace("27", "28"))
    (folder / "pay.md").unlink()
    third = await ingest(folder, asker)
    assert (third["updated"], third["deleted"]) == (1, 0)
    assert (await ingest(folder, asker, sync=True))["deleted"] == 1
    found = " ".join(await search(asker, "days of paid leave"))
    assert "28 days" in found
    assert "27 days" not in found
    assert "Band seven" not in found


async def test_progress_is_streamed(pool: object, folder: Path, asker: Identity) -> None:
    (folder / "empty.md").write_text("")
    config = configure(asker, str(uuid4()))
    events = [
        event async for mode, event in stream(build(), {"paths": [str(folder)]}, config) if mode == "custom"
    ]
    assert {"event": "planned", "total": 3, "unchanged": 0, "gone": 0}.items() <= events[0].items()
    told = {event["path"]: (event["status"], event["chunks"]) for event in events[1:]}
    assert told == {"leave.md": ("added", 1), "pay.md": ("added", 1), "empty.md": ("failed", 0)}


async def test_what_was_read_and_deleted_leaves_no_trace(pool: object, folder: Path, asker: Identity) -> None:
    marker = f"zq{uuid4().hex[:12]}7"
    (folder / "secret.md").write_text(f"# Secret {marker}\n\nThe word of the day is {marker}.\n")
    await ingest(folder, asker)
    held = {"public.chunks", "public.documents", "public.postings"}
    assert held <= set(await tables_holding(marker))
    (folder / "secret.md").unlink()
    await ingest(folder, asker, sync=True)
    assert await tables_holding(marker) == []
    await statistics_are_exact(asker.tenant)


async def test_sync_keeps_what_only_could_not_be_read(
    pool: object, folder: Path, asker: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "locked").mkdir()
    (folder / "locked" / "dogs.md").write_text("# Dogs\n\nDogs are welcome.\n")
    assert (await ingest(folder, asker))["added"] == 3
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    (folder / "pay.md").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refusing)
        report = await ingest(folder, asker, sync=True)
    (failure,) = report["failures"]
    assert (failure["path"], failure["code"]) == ("locked", "file_unreadable")
    assert "Permission denied" in failure["error"]
    assert report["deleted"] == 1
    assert (await ingest(folder, asker))["unchanged"] == 2


async def test_sync_removes_only_what_stood_under_the_given_paths(
    pool: object, folder: Path, asker: Identity, tmp_path: Path
) -> None:
    other = tmp_path / "pages-of-others"
    other.mkdir()
    (other / "dogs.md").write_text("# Dogs\n\nDogs are welcome.\n")
    await ingest(folder, asker)
    await ingest(other, asker)
    (folder / "pay.md").unlink()
    (other / "dogs.md").unlink()
    assert (await ingest(folder, asker, sync=True))["deleted"] == 1
    assert await documents.count(asker) == 2


async def test_a_document_that_postgres_refuses_is_named_and_the_rest_goes_on(
    pool: object, folder: Path, asker: Identity
) -> None:
    async with admin() as connection:
        await connection.execute(
            "ALTER TABLE documents ADD CONSTRAINT t CHECK (length(path) < 12 OR 1 / (length(path) * 0) = 1) NOT VALID"
        )
    try:
        (folder / "one-long-name.md").write_text("# Dogs\n\nDogs are welcome.\n")
        report = await ingest(folder, asker)
    finally:
        async with admin() as connection:
            await connection.execute("ALTER TABLE documents DROP CONSTRAINT t")
    assert report["added"] == 2
    (failure,) = report["failures"]
    assert failure["error"] == "one-long-name.md cannot be stored: division by zero."
    assert (await ingest(folder, asker))["added"] == 1


async def test_broken_files_are_named_and_the_rest_goes_on(
    pool: object, folder: Path, asker: Identity
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    (folder / "empty.docx").write_bytes(b"")
    (folder / "binary.md").write_bytes(bytes(range(256)) * 20)
    (folder / os.fsdecode(b"caf\xe9.md")).write_text("Not to be read.")
    (folder / "really-text.pdf").write_text("This is text, whatever its name says, and 41 is its number.")
    locked = FPDF()
    locked.add_page()
    locked.set_font("helvetica")
    locked.cell(text="hidden")
    locked.set_encryption(owner_password="o", user_password="u")
    locked.output(str(folder / "locked.pdf"))
    report = await ingest(folder, asker)
    assert {failure["path"] for failure in report["failures"]} == {
        "broken.pdf",
        "empty.docx",
        "binary.md",
        "locked.pdf",
        "caf\ufffd.md",
    }
    assert all(failure["error"] for failure in report["failures"])
    assert report["added"] == 3
    assert any("41" in text for text in await search(asker, "whatever its name says"))


async def test_links_cannot_loop_or_lead_out(
    pool: object, folder: Path, asker: Identity, tmp_path: Path
) -> None:
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (tmp_path / "outside.md").write_text("# Outside\n\nNot to be read.\n")
    (folder / "out.md").symlink_to(tmp_path / "outside.md")
    assert (await ingest(folder, asker))["added"] == 2


async def test_restricted_pages_are_seen_by_their_group_only(
    pool: object, folder: Path, asker: Identity
) -> None:
    (folder / "access.yaml").write_text('- paths: ["pay*"]\n  groups: [payroll]\n')
    await ingest(folder, asker)
    member = Identity(asker.tenant, "bob", ("payroll",))
    stranger = Identity(f"{asker.tenant}-other", "eve", ("payroll",))
    assert any("61,000" in text for text in await search(member, "band seven pay"))
    assert not any("61,000" in text for text in await search(asker, "band seven pay"))
    assert await search(stranger, "band seven pay") == []
    async with scoped(asker) as connection:
        rows = await (await connection.execute("SELECT id, path FROM documents")).fetchall()
        assert [row["path"] for row in rows] == ["leave.md"]
        rows = await (await connection.execute("SELECT term FROM postings WHERE term = '61'")).fetchall()
        assert rows == []
    async with scoped(member) as connection:
        row = await (await connection.execute("SELECT id FROM documents WHERE path = 'pay.md'")).fetchone()
    assert row is not None
    with pytest.raises(KairosError, match="no document"):
        await documents.read(asker, row["id"])


async def test_a_group_that_is_taken_away_is_gone_at_once(
    pool: object, folder: Path, asker: Identity
) -> None:
    await ingest(folder, asker)
    assert any("61,000" in text for text in await search(asker, "band seven pay"))
    (folder / "access.yaml").write_text('- paths: ["pay*"]\n  groups: [payroll]\n')
    report = await ingest(folder, asker)
    assert report["updated"] == 1
    assert not any("61,000" in text for text in await search(asker, "band seven pay"))


async def test_a_bad_access_file_stops_everything(pool: object, folder: Path, asker: Identity) -> None:
    (folder / "access.yaml").write_text("- paths: pay.md\n")
    with pytest.raises(KairosError, match=r"access\.yaml cannot be used, so nothing was ingested"):
        await ingest(folder, asker)
    assert await search(asker, "band seven pay") == []


async def test_of_two_ingests_at_once_one_is_refused(pool: object, folder: Path, asker: Identity) -> None:
    for number in range(12):
        (folder / f"page-{number}.md").write_text(
            f"# Page {number}\n\nRoom {number} has {number + 3} chairs.\n"
        )
    results = await asyncio.gather(ingest(folder, asker), ingest(folder, asker), return_exceptions=True)
    (refused,) = [result for result in results if isinstance(result, KairosError)]
    assert refused.code == "ingest_running"
    async with scoped(asker) as connection:
        row = await (await connection.execute("SELECT count(*) AS n FROM chunks")).fetchone()
    assert row == {"n": 14}
    assert (await ingest(folder, asker))["unchanged"] == 14


async def test_a_database_that_goes_away_loses_nothing(database: str, folder: Path, asker: Identity) -> None:
    for number in range(60):
        (folder / f"page-{number}.md").write_text(
            f"# Page {number}\n\nRoom {number} has {number + 3} chairs.\n"
        )

    async def cut() -> None:
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as other:
            for _ in range(6):
                await asyncio.sleep(0.05)
                await other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    results = await asyncio.gather(ingest(folder, asker), cut(), return_exceptions=True)
    assert isinstance(results[0], dict | KairosError | psycopg.Error)
    async with scoped(asker) as connection:
        rows = await connection.execute(
            "SELECT count(*) AS n FROM documents d WHERE NOT EXISTS (SELECT FROM chunks c WHERE c.document = d.id)"
        )
        assert await rows.fetchone() == {"n": 0}
    report = await ingest(folder, asker)
    assert report["failed"] == 0
    assert (await ingest(folder, asker))["unchanged"] == 62


async def test_server_users_read_below_the_roots_only(
    pool: object, folder: Path, asker: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    from state.settings import settings

    remote = Identity(asker.tenant, "ann")
    with pytest.raises(KairosError, match="KAIROS_INGEST_ROOTS"):
        await ingest(folder, remote)
    monkeypatch.setattr(settings(), "ingest_roots", [folder])
    assert (await ingest(folder, remote))["added"] == 2
    with pytest.raises(KairosError, match="KAIROS_INGEST_ROOTS"):
        await ingest(Path(os.fspath(folder.parent)), remote)
