"""Collections of documents, and where these come from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import Connection, ingesting


@dataclass(frozen=True, slots=True)
class Collection:
    """How its documents are cut; whether a model describes each chunk; days that replaced versions are kept."""

    id: int
    name: str
    chunking: str
    contextual: bool
    keep_versions: int

    @property
    def recipe(self) -> str:
        """What a stored file must have been made with; another one is made anew."""
        return f"{self.chunking}+context" if self.contextual else self.chunking


async def ensure(identity: Identity, name: str) -> Collection:
    """The collection of that name, made on first use."""
    if not name.strip():
        raise KairosError("collection_invalid", "A collection needs a name.")
    async with ingesting(identity) as connection:
        found = await _named(connection, name)
        if found is None:
            await connection.execute(
                "INSERT INTO collections (tenant, name) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (identity.tenant, name),
            )
            found = await _named(connection, name)
    assert found is not None  # noqa: S101 - it was there or was made
    return found


async def find(identity: Identity, name: str) -> Collection:
    """The collection of that name. Raises KairosError collection_unknown."""
    async with ingesting(identity) as connection:
        found = await _named(connection, name)
    if found is None:
        raise KairosError("collection_unknown", f"There is no collection {name!r}.")
    return found


async def _named(connection: Connection, name: str) -> Collection | None:
    cursor = await connection.execute(
        "SELECT id, name, chunking, contextual, keep_versions FROM collections WHERE name = %s", (name,)
    )
    row = await cursor.fetchone()
    return None if row is None else Collection(**row)


async def configure(
    identity: Identity, name: str, chunking: str | None, contextual: bool | None, keep_versions: int | None
) -> Collection:
    """Change what is given; documents follow with the next ingest."""
    await ensure(identity, name)
    async with ingesting(identity) as connection:
        await connection.execute(
            "UPDATE collections SET chunking = coalesce(%s, chunking), contextual = coalesce(%s, contextual), "
            "keep_versions = coalesce(%s, keep_versions) WHERE name = %s",
            (chunking, contextual, keep_versions, name),
        )
    return await find(identity, name)


async def overview(identity: Identity) -> list[DictRow]:
    """Every collection with its settings and the number of its files by status, documents and chunks."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            SELECT c.name, c.chunking, c.contextual, c.keep_versions,
                (SELECT count(*) FROM files f WHERE f.collection = c.id AND f.status = 'stored') AS files,
                (SELECT count(*) FROM files f WHERE f.collection = c.id AND f.status = 'failed') AS failed,
                (SELECT count(*) FROM documents d WHERE d.collection = c.id) AS documents,
                (SELECT coalesce(sum(chunks), 0) FROM files f WHERE f.collection = c.id) AS chunks,
                (SELECT count(*) FROM sources s WHERE s.collection = c.id) AS sources
            FROM collections c ORDER BY c.name
            """
        )
        return await cursor.fetchall()


async def delete(identity: Identity, collection: Collection) -> None:
    """Delete a collection whose files are gone, with its sources and runs."""
    async with ingesting(identity) as connection:
        for statement in (
            "DELETE FROM sources WHERE collection = %s",
            "DELETE FROM collections WHERE id = %s",
        ):
            await connection.execute(statement, (collection.id,))


async def add_source(
    identity: Identity,
    collection: Collection,
    kind: str,
    location: str,
    options: Mapping[str, str],
    groups: Sequence[str],
    schedule: str | None,
) -> int:
    """Add a source, or change the one at the same location; returns its number."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            INSERT INTO sources (tenant, collection, kind, location, options, groups, schedule)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (collection, kind, location) DO UPDATE
                SET options = excluded.options, groups = excluded.groups, schedule = excluded.schedule
            RETURNING id
            """,
            (
                identity.tenant,
                collection.id,
                kind,
                location,
                json.dumps(dict(options)),
                sorted(set(groups)),
                schedule,
            ),
        )
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives the row
    return int(row["id"])


async def sources(identity: Identity, collection: str | None = None) -> list[DictRow]:
    """The sources of a collection, or all."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT s.id, c.name AS collection, s.kind, s.location, s.options, s.groups, s.schedule, s.last_run, "
            "s.created_at, (SELECT count(*) FROM files f WHERE f.source = s.id) AS files "
            "FROM sources s JOIN collections c ON c.id = s.collection "
            "WHERE %(name)s::text IS NULL OR c.name = %(name)s ORDER BY s.id",
            {"name": collection},
        )
        return await cursor.fetchall()


async def visited(identity: Identity, source_ids: Sequence[int]) -> None:
    """Note that sources were listed now."""
    async with ingesting(identity) as connection:
        await connection.execute(
            "UPDATE sources SET last_run = now() WHERE id = ANY (%s)", (list(source_ids),)
        )


async def delete_source(identity: Identity, source: int) -> None:
    """Delete a source whose files are gone."""
    async with ingesting(identity) as connection:
        await connection.execute("DELETE FROM sources WHERE id = %s", (source,))
