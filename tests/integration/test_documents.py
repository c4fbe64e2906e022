"""Documents in Postgres: stored, replaced and deleted whole, with exact statistics, seen by whom they are for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres import documents
from state.postgres.documents import ChunkRow, DocumentRow, ingesting
from state.postgres.pool import admin, scoped
from state.postgres.search import load_chunks, load_span_vectors
from tools.analyse import term_counts

VECTOR = [1.0] + [0.0] * 383
TABLES = ("access_classes", "documents", "chunks", "postings")


@pytest.fixture
def ann(pool: object) -> Identity:
    """Somebody in a tenant of their own, so that tests do not meet."""
    return Identity(f"documents-{uuid4().hex[:8]}", "ann")


def page(text: str, uri: str = "/a.md", groups: tuple[str, ...] = ()) -> DocumentRow:
    return DocumentRow(uri, uri[1:], groups, "A", "text/markdown", text, 2, text.encode(errors="replace"))


def cut(text: str) -> list[ChunkRow]:
    """A chunk a line."""
    rows, start = [], 0
    for line in text.splitlines():
        rows.append(
            ChunkRow(start, start + len(line), 1, ("H",), line, term_counts(line), VECTOR, b"\x01\x02")
        )
        start += len(line) + 1
    return rows


async def put(
    asker: Identity, text: str, uri: str = "/a.md", groups: tuple[str, ...] = ()
) -> documents.Stored:
    return await documents.store(asker, page(text, uri, groups), cut(text))


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
            "(SELECT count(*) FROM postings p WHERE p.access = a.id AND p.chunk NOT IN (SELECT id FROM chunks)) AS o "
            "FROM access_classes a LEFT JOIN chunks c ON c.access = a.id WHERE a.tenant = %s GROUP BY a.id",
            (tenant,),
        )
        classes = await rows.fetchall()
    assert classes
    for row in classes:
        assert (row["chunks"], row["terms"], row["f"], row["o"]) == (row["n"], row["t"], row["t"], 0), row


async def test_a_document_is_added_kept_replaced_and_deleted(ann: Identity) -> None:
    assert await put(ann, "One crane.\nTwo cranes.") == "added"
    assert await put(ann, "One crane.\nTwo cranes.") == "unchanged"
    await statistics_are_exact(ann.tenant)
    (before,) = await documents.list_under(ann, ["/a.md"])
    assert await put(ann, "Three ferries.") == "updated"
    assert await texts(ann) == ["Three ferries."]
    await statistics_are_exact(ann.tenant)
    (after,) = await documents.list_under(ann, ["/"[:-1]])
    assert after["id"] == before["id"]
    read = await documents.read(ann, after["id"])
    assert (read["text"], read["version"], read["pages"], read["path"]) == ("Three ferries.", 2, 2, "a.md")
    assert await documents.delete(ann, [after["id"]]) == 1
    assert await documents.delete(ann, [after["id"]]) == 0
    assert await documents.count(ann) == 0
    await statistics_are_exact(ann.tenant)


async def test_deleting_leaves_nothing_in_any_table(ann: Identity) -> None:
    marker = f"zq{uuid4().hex[:12]}7"
    await put(ann, f"The word is {marker}.\nNothing else.", f"/{marker}.md")
    assert {"public.chunks", "public.documents", "public.postings"} <= set(await tables_holding(marker))
    (row,) = await documents.list_under(ann, [f"/{marker}.md"])
    await put(ann, "Replaced.", f"/{marker}.md")
    assert await tables_holding(marker) == ["public.documents"]  # its name alone
    await documents.delete(ann, [row["id"]])
    assert await tables_holding(marker) == []


async def test_other_groups_move_a_document_to_another_class(ann: Identity) -> None:
    await put(ann, "One crane.\nTwo cranes.")
    assert await put(ann, "One crane.\nTwo cranes.", groups=("crew", "board", "crew")) == "updated"
    assert await put(ann, "One crane.\nTwo cranes.", groups=("board", "crew")) == "unchanged"
    await statistics_are_exact(ann.tenant)
    assert (await documents.list_under(ann, ["/a.md"]))[0]["groups"] == ["board", "crew"]


async def test_a_store_that_fails_leaves_the_old_document_whole(ann: Identity) -> None:
    await put(ann, "One crane.\nTwo cranes.")
    bad = [replace(chunk, embedding=[1.0, 0.0]) for chunk in cut("Three ferries.")]
    with pytest.raises((psycopg.Error, KairosError)):
        await documents.store(ann, page("Three ferries."), [*cut("Three ferries."), *bad])
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
    (row,) = await documents.list_under(ann, ["/a.md"])
    await documents.delete(ann, [row["id"]])
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT count(*) AS n FROM postings WHERE chunk NOT IN (SELECT id FROM chunks)"
        )
        assert await rows.fetchone() == {"n": 0}


async def test_stores_at_once_leave_one_whole_document(ann: Identity) -> None:
    versions = [f"{name} one.\n{name} two.\n{name} three." for name in ("Crane", "Ferry", "Gate", "Key")]
    stored = await asyncio.gather(*(put(ann, text) for text in versions * 3))
    assert stored.count("added") == 1
    assert "\n".join(await texts(ann)) in versions
    await statistics_are_exact(ann.tenant)


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


async def test_what_stands_under_a_folder_is_listed(ann: Identity) -> None:
    for uri in ("/docs/a.md", "/docs/deep/b.md", "/docs2/c.md", "/docs_x/d.md", "/docs/%/e.md"):
        await put(ann, uri, uri)

    async def listed(*roots: str) -> list[str]:
        return sorted(row["uri"] for row in await documents.list_under(ann, roots))

    assert await listed("/docs") == ["/docs/%/e.md", "/docs/a.md", "/docs/deep/b.md"]
    assert await listed("/docs/a.md", "/docs/deep") == ["/docs/a.md", "/docs/deep/b.md"]
    assert await listed("/docs/%") == ["/docs/%/e.md"]
    assert await listed("/docs_") == await listed() == []


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
    (row,) = await documents.list_under(ann, ["/closed.md"])
    chunks = await chunk_ids(ann.tenant)
    board = Identity(ann.tenant, "cid", ("board",))
    assert list(await load_chunks(board, chunks)) == list(await load_span_vectors(board, chunks)) == chunks
    assert (await documents.read(board, row["id"]))["text"] == "The board only."
    for asker in (ann, Identity(f"{ann.tenant}-other", "eve", ("board",))):
        assert await load_chunks(asker, chunks) == {}
        assert await load_span_vectors(asker, chunks) == {}
        with pytest.raises(KairosError, match="no document") as unknown:
            await documents.read(asker, row["id"])
        assert unknown.value.code == "document_unknown"


async def test_another_tenant_can_neither_write_nor_delete(ann: Identity) -> None:
    await put(ann, "Ours.")
    (row,) = await documents.list_under(ann, ["/a.md"])
    eve = Identity(f"{ann.tenant}-other", "eve")
    assert await documents.list_under(eve, ["/a.md"]) == []
    assert await documents.delete(eve, [row["id"]]) == 0
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
        "DELETE FROM documents",
        "UPDATE chunks SET text = ''",
        "INSERT INTO index_settings VALUES (true, 'mine', 3)",
    ],
)
async def test_a_member_only_reads_documents(ann: Identity, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with scoped(ann) as connection:
            await connection.execute(statement)
