"""Documents in Postgres: stored, replaced and deleted whole, with exact statistics, seen by whom they are for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres import access_classes, documents, files
from state.postgres.chunks import ChunkRow
from state.postgres.documents import DocumentRow
from state.postgres.pool import admin, ingesting, scoped
from state.postgres.readings import load_found, load_readings
from tests.fixtures import stored
from tests.fixtures.stored import chunk_row, document_at, file_at

TABLES = (
    "access_classes",
    "collections",
    "documents",
    "document_versions",
    "chunks",
    "postings",
    "term_counts",
    "words",
    "short_forms",
)


@pytest.fixture
def ann(pool: object) -> Identity:
    """Somebody in a tenant of their own, so that tests do not meet."""
    return Identity(f"documents-{uuid4().hex[:8]}", "ann")


def page(text: str, uri: str = "/a.md") -> DocumentRow:
    content = text.encode(errors="replace")
    return DocumentRow("", uri, uri[1:], "A", "text/markdown", text, content, pages=2, chunks=cut(text))


def cut(text: str) -> list[ChunkRow]:
    """A chunk a line."""
    rows, start = [], 0
    for line in text.splitlines():
        rows.append(chunk_row(line, start))
        start += len(line) + 1
    return rows


async def put(
    asker: Identity, text: str, uri: str = "/a.md", groups: tuple[str, ...] = ()
) -> documents.Stored | None:
    return await stored.put(asker, page(text, uri), groups)


async def texts(asker: Identity) -> list[str]:
    async with ingesting(asker) as connection:
        rows = await connection.execute(
            "SELECT text FROM chunks c WHERE document IN (SELECT id FROM documents) ORDER BY document, ordinal"
        )
        return [row["text"] for row in await rows.fetchall()]


async def tables_holding(marker: str) -> list[str]:
    """Every table of the database in which a marker stands, as text or in bytes."""
    found = []
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        for table in [row["name"] for row in await rows.fetchall()]:
            wanted = [f"%{marker}%", f"%{marker.encode().hex()}%"]
            statement = f"SELECT 1 FROM {table} t WHERE t::text ILIKE ANY (%s)"
            hits = await connection.execute(statement, (wanted,))
            if await hits.fetchone():
                found.append(table)
    return sorted(found)


async def statistics_are_exact(tenant: str) -> None:
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT a.groups, a.chunks, a.terms, count(c.id) AS n, coalesce(sum(c.terms), 0) AS t, "
            "(SELECT coalesce(sum(frequency), 0) FROM postings p WHERE p.access = a.id) AS f, "
            "(SELECT count(*) FROM postings p WHERE p.access = a.id AND p.chunk NOT IN (SELECT id FROM chunks)) AS o, "
            "(SELECT count(*) FROM (SELECT term, chunks FROM term_counts t WHERE t.access = a.id) t FULL JOIN "
            "(SELECT term, count(*) AS chunks FROM postings p WHERE p.access = a.id GROUP BY term) p USING (term) "
            "WHERE t.chunks IS DISTINCT FROM p.chunks) AS w "
            "FROM access_classes a LEFT JOIN chunks c ON c.access = a.id WHERE a.tenant = %s GROUP BY a.id",
            (tenant,),
        )
        classes = await rows.fetchall()
    assert classes
    for row in classes:
        assert (row["chunks"], row["terms"], row["f"], row["o"], row["w"]) == (
            row["n"],
            row["t"],
            row["t"],
            0,
            0,
        ), row


async def test_a_document_is_added_replaced_and_deleted(ann: Identity) -> None:
    assert await put(ann, "One crane.\nTwo cranes.") == "added"
    await statistics_are_exact(ann.tenant)
    before = await document_at(ann, "/a.md")
    assert await put(ann, "Three ferries.") == "updated"
    assert await texts(ann) == ["Three ferries."]
    await statistics_are_exact(ann.tenant)
    assert await document_at(ann, "/a.md") == before
    read = await documents.read(ann, before)
    assert (read["text"], read["version"], read["pages"], read["path"]) == ("Three ferries.", 2, 2, "a.md")
    file = (await file_at(ann, "/a.md"))["id"]
    assert await files.delete(ann, [file]) == 1
    assert await files.delete(ann, [file]) == 0
    assert await documents.count(ann) == 0
    await statistics_are_exact(ann.tenant)


async def test_a_replaced_version_still_opens(ann: Identity) -> None:
    await put(ann, "One crane.")
    await put(ann, "Three ferries.")
    await put(ann, "Three ferries.")
    number = await document_at(ann, "/a.md")
    assert (await documents.read(ann, number))["version"] == 2
    old = await documents.read(ann, number, 1)
    assert (old["text"], old["version"], old["newest"]) == ("One crane.", 1, 2)
    assert (await documents.read(ann, number, 2))["text"] == "Three ferries."
    with pytest.raises(KairosError, match=r"no document .* in version 3"):
        await documents.read(ann, number, 3)
    with pytest.raises(KairosError, match="no document"):
        await documents.read(Identity(f"{ann.tenant}-other", "eve"), number, 1)


async def test_deleting_leaves_nothing_in_any_table(ann: Identity) -> None:
    marker = f"zq{uuid4().hex[:12]}7"
    await put(ann, f"The word is {marker}.\nNothing else.", f"/{marker}.md")
    held = {"public.chunks", "public.documents", "public.postings", "public.files"}
    assert held <= set(await tables_holding(marker))
    await put(ann, f"The word was {marker}.", f"/{marker}.md")
    assert "public.document_versions" in await tables_holding(marker)
    await files.delete(ann, [(await file_at(ann, f"/{marker}.md"))["id"]])
    assert await tables_holding(marker) == []


async def test_an_excluded_file_leaves_its_place_alone(ann: Identity) -> None:
    marker = f"zq{uuid4().hex[:12]}7"
    await put(ann, f"The word is {marker}.")
    file = await file_at(ann, "/a.md")
    assert await files.exclude(ann, [file["id"]]) == 1
    assert await tables_holding(marker) == []
    assert (await file_at(ann, "/a.md"))["status"] == "excluded"
    await statistics_are_exact(ann.tenant)


async def test_other_groups_move_a_document_to_another_class(ann: Identity) -> None:
    await put(ann, "One crane.\nTwo cranes.")
    await access_classes.move(ann, {(await file_at(ann, "/a.md"))["id"]: ("crew", "board", "crew")})
    await statistics_are_exact(ann.tenant)
    assert (await file_at(ann, "/a.md"))["groups"] == ["board", "crew"]
    assert await chunks_seen_by(ann) == []
    assert len(await chunks_seen_by(Identity(ann.tenant, "bob", ("crew",)))) == 2


async def chunks_seen_by(asker: Identity) -> list[object]:
    return (await seen_by(asker))["chunks"]


async def test_a_store_that_fails_leaves_the_old_document_whole(ann: Identity) -> None:
    await put(ann, "One crane.\nTwo cranes.")
    bad = [replace(chunk, embedding=[1.0, 0.0]) for chunk in cut("Three ferries.")]
    with pytest.raises((psycopg.Error, KairosError)):
        await stored.put(ann, replace(page("Three ferries."), chunks=[*cut("Three ferries."), *bad]))
    assert await texts(ann) == ["One crane.", "Two cranes."]
    await statistics_are_exact(ann.tenant)


async def test_what_postgres_cannot_hold_is_named(ann: Identity) -> None:
    with pytest.raises(KairosError, match="cannot be stored") as refused:
        await put(ann, "A NUL \x00 here.")
    assert refused.value.code == "document_refused"
    with pytest.raises(KairosError, match="cannot be stored"):
        await put(ann, "A lone \ud800 surrogate.")
    assert await documents.count(ann) == 0


async def test_very_long_words_and_texts_without_words_are_stored(ann: Identity) -> None:
    text = f"{'x' * 10_000} {'x' * 5_000} {'é' * 3_000}\n...\n{'word ' * 40_000}"
    assert await put(ann, text) == "added"
    assert len(await texts(ann)) == 3
    assert await put(ann, "", "/empty.md") == "added"
    await files.delete(ann, [(await file_at(ann, "/a.md"))["id"]])
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT count(*) AS n FROM postings WHERE chunk NOT IN (SELECT id FROM chunks)"
        )
        assert await rows.fetchone() == {"n": 0}


async def test_stores_at_once_leave_one_whole_document(ann: Identity) -> None:
    versions = [f"{name} one.\n{name} two.\n{name} three." for name in ("Crane", "Ferry", "Gate", "Key")]
    done = await asyncio.gather(*(put(ann, text) for text in versions * 3))
    assert done.count("added") == 1
    assert "\n".join(await texts(ann)) in versions
    await statistics_are_exact(ann.tenant)


async def test_writers_of_the_same_words_neither_deadlock_nor_miscount(ann: Identity) -> None:
    words = [f"word{number}" for number in range(300)]

    async def write(number: int) -> None:
        order = words if number % 2 else words[::-1]
        for length in (300, 150, 200):
            await put(ann, " ".join(order[:length]), f"/{number}.md", ("crew",) if number % 3 else ())
        if number % 4 == 0:
            await files.delete(ann, [(await file_at(ann, f"/{number}.md"))["id"]])

    await asyncio.gather(*(write(number) for number in range(8)))
    await statistics_are_exact(ann.tenant)
    for number in range(8):
        if number % 4:
            await files.delete(ann, [(await file_at(ann, f"/{number}.md"))["id"]])
    await statistics_are_exact(ann.tenant)
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT count(*) AS n FROM term_counts t JOIN access_classes a ON a.id = t.access WHERE a.tenant = %s",
            (ann.tenant,),
        )
        assert await rows.fetchone() == {"n": 0}


async def test_a_reader_sees_the_old_or_the_new_never_a_mixture(ann: Identity) -> None:
    versions = {f"{name} one.\n{name} two.\n{name} three." for name in ("Crane", "Ferry")}
    await put(ann, min(versions))
    seen = set()

    async def write() -> None:
        for _ in range(8):
            for text in versions:
                await put(ann, text)

    writing = asyncio.create_task(write())
    while not writing.done():
        seen.add("\n".join(await texts(ann)))
    await writing
    assert seen <= versions


async def seen_by(asker: Identity) -> dict[str, list[object]]:
    """What a query without any WHERE gives."""
    seen: dict[str, list[object]] = {}
    async with scoped(asker) as connection:
        for table in TABLES:
            rows = await connection.execute(f"SELECT * FROM {table}")
            seen[table] = list(await rows.fetchall())
    return seen


async def chunk_ids(tenant: str) -> Sequence[int]:
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document WHERE d.tenant = %s", (tenant,)
        )
        return [row["id"] for row in await rows.fetchall()]


async def test_a_forgotten_where_leaks_nothing(ann: Identity) -> None:
    marker = f"zq{uuid4().hex[:12]}7"
    await put(ann, f"Everyone: {marker}open.", "/open.md")
    await put(ann, f"The board only: {marker}closed.", "/closed.md", ("board", "owners"))
    stranger = Identity(f"{ann.tenant}-other", "eve", ("board", "owners"))
    nobody = Identity("", "nobody", ("board",))
    for asker in (stranger, nobody, Identity(ann.tenant.upper(), "ann")):
        assert not any((await seen_by(asker)).values()), asker
    outsider = str(await seen_by(Identity(ann.tenant, "bob", ("crew", "Board", "board,owners", "{board}"))))
    assert f"{marker}open" in outsider
    assert f"{marker}closed" not in outsider
    assert "closed.md" not in outsider
    insider = str(await seen_by(Identity(ann.tenant, "cid", ("crew", "owners"))))
    assert f"{marker}closed" in insider


async def test_a_restricted_document_cannot_be_reached_by_its_ids(ann: Identity) -> None:
    await put(ann, "The board only.", "/closed.md", ("board",))
    number = await document_at(ann, "/closed.md")
    chunks = await chunk_ids(ann.tenant)
    board = Identity(ann.tenant, "cid", ("board",))
    assert list(await load_readings(board, chunks)) == list(await load_found(board, chunks)) == chunks
    assert (await documents.read(board, number))["text"] == "The board only."
    for asker in (ann, Identity(f"{ann.tenant}-other", "eve", ("board",))):
        assert await load_readings(asker, chunks) == {}
        assert await load_found(asker, chunks) == {}
        with pytest.raises(KairosError, match="no document") as unknown:
            await documents.read(asker, number)
        assert unknown.value.code == "document_unknown"


async def test_another_tenant_can_neither_write_nor_delete(ann: Identity) -> None:
    await put(ann, "Ours.")
    file = (await file_at(ann, "/a.md"))["id"]
    eve = Identity(f"{ann.tenant}-other", "eve")
    assert await files.delete(eve, [file]) == await files.exclude(eve, [file]) == 0
    await access_classes.move(eve, {file: ("board",)})
    async with ingesting(eve) as connection:
        await connection.execute("DELETE FROM chunks")
        await connection.execute("UPDATE documents SET text = 'Theirs.'")
    assert await put(eve, "Theirs.") == "added"
    assert await texts(ann) == ["Ours."]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with ingesting(eve) as connection:
            await connection.execute("INSERT INTO access_classes VALUES (DEFAULT, %s, '{}')", (ann.tenant,))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM turns",
        "SELECT * FROM checkpoints",
        "SELECT * FROM checkpoint_blobs",
        "SELECT * FROM checkpoint_writes",
        "SELECT * FROM files",
        "SELECT * FROM document_bands",
        "SELECT * FROM document_words",
        "UPDATE words SET documents = 1",
        "SELECT * FROM sources",
        "SELECT * FROM ingest_runs",
        "DELETE FROM documents",
        "DELETE FROM document_versions",
        "UPDATE chunks SET text = ''",
        "INSERT INTO index_settings VALUES (true, 'mine', 3)",
    ],
)
async def test_a_member_only_reads_documents(ann: Identity, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with scoped(ann) as connection:
            await connection.execute(statement)
