"""The files of a collection as a queue: what a run has still to read, and what became of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from state.identity import Identity
from state.postgres import chunks, contexts
from state.postgres.access_classes import Changes, class_of, release
from state.postgres.pool import Connection, ingesting

MOST_NAMED = 1_000
"""Failures that a report names; the others are in `kairos documents list --failed`."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that is to be read; no `groups` means the whole tenant."""

    uri: str
    path: str
    groups: tuple[str, ...]
    source: int | None


async def of_collection(identity: Identity, collection: int) -> list[DictRow]:
    """What is known of every file: id, uri, path, source, stamp, status, code, recipe, groups."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT f.id, f.uri, f.path, f.source, f.stamp, f.status, f.code, f.recipe, a.groups "
            "FROM files f JOIN access_classes a ON a.id = f.access WHERE f.collection = %s ORDER BY f.id",
            (collection,),
        )
        return await cursor.fetchall()


async def queue(identity: Identity, collection: int, run: int, planned: Sequence[Planned]) -> None:
    """Put files into a run's queue, new or known ones, in their order."""
    async with ingesting(identity) as connection:
        groups = {file.groups for file in planned}
        access = {key: await class_of(connection, identity.tenant, key) for key in sorted(groups)}
        await connection.execute(
            """
            INSERT INTO files (tenant, collection, run, status, uri, path, access, source)
            SELECT %s, %s, %s, 'pending', * FROM unnest(%s::text[], %s::text[], %s::integer[], %s::integer[])
            ON CONFLICT (collection, md5(uri)) DO UPDATE SET status = 'pending', run = excluded.run,
                path = excluded.path, source = excluded.source, outcome = NULL
            """,
            (
                identity.tenant,
                collection,
                run,
                [file.uri for file in planned],
                [file.path for file in planned],
                [access[file.groups] for file in planned],
                [file.source for file in planned],
            ),
        )


async def requeue(identity: Identity, run: int, files: Sequence[int]) -> None:
    """Put known files into a run's queue, to be read whatever they hold."""
    async with ingesting(identity) as connection:
        await connection.execute(
            "UPDATE files SET status = 'pending', run = %s, stamp = NULL, recipe = '', outcome = NULL "
            "WHERE id = ANY (%s)",
            (run, list(files)),
        )


async def pending(identity: Identity, run: int, limit: int) -> list[DictRow]:
    """The next files of a run's queue, with their source's kind, location and options (null: a named path)."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT f.id, f.uri, f.path, f.stamp, encode(f.content_hash, 'hex') AS sha256, f.recipe, a.groups, "
            "s.kind, s.location, s.options "
            "FROM files f JOIN access_classes a ON a.id = f.access LEFT JOIN sources s ON s.id = f.source "
            "WHERE f.run = %s AND f.status = 'pending' ORDER BY f.id LIMIT %s",
            (run, limit),
        )
        return await cursor.fetchall()


async def sizes(identity: Identity, run: int) -> list[DictRow]:
    """What is known of the sizes of a run's queue: uri, path, the source's kind, bytes when it was last read."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT f.uri, f.path, s.kind, f.bytes FROM files f LEFT JOIN sources s ON s.id = f.source "
            "WHERE f.run = %s AND f.status = 'pending' ORDER BY f.id",
            (run,),
        )
        return await cursor.fetchall()


async def same(identity: Identity, stamps: Sequence[tuple[int, str | None]]) -> None:
    """Note that files hold what is stored, by id and mark of change; groups that changed stay their outcome."""
    async with ingesting(identity) as connection, connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE files SET stamp = %s, status = 'stored', outcome = coalesce(outcome, 'unchanged'), code = NULL, "
            "cause = NULL, checked_at = now() WHERE id = %s AND status = 'pending'",
            [(stamp, file) for file, stamp in stamps],
        )


async def fail(
    identity: Identity,
    file: int,
    stamp: str | None,
    code: str,
    cause: str,
    *,
    seconds: float = 0.0,
    peak_mb: float = 0.0,
) -> None:
    """Put a file into quarantine, with what trying to read it took; what was stored of it before stays."""
    async with ingesting(identity) as connection:
        await connection.execute(
            "UPDATE files SET status = 'failed', outcome = 'failed', stamp = %s, code = %s, cause = %s, "
            "seconds = %s, peak_mb = %s, checked_at = now() WHERE id = %s",
            (stamp, code, cause, seconds, peak_mb, file),
        )


async def fail_by_uri(identity: Identity, run: int, failed: Sequence[tuple[str, str, str]]) -> None:
    """Put queued files of a run into quarantine: uri, code and cause of each."""
    async with ingesting(identity) as connection, connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE files SET status = 'failed', outcome = 'failed', stamp = NULL, code = %s, cause = %s, "
            "checked_at = now() WHERE run = %s AND md5(uri) = md5(%s) AND uri = %s",
            [(code, cause, run, uri, uri) for uri, code, cause in failed],
        )


async def mark(
    identity: Identity,
    files: Sequence[int],
    run: int,
    *,
    status: str | None = None,
    outcome: str | None = None,
) -> None:
    """Count files to a run, with another status or outcome if one is given."""
    if files:
        async with ingesting(identity) as connection:
            await connection.execute(
                "UPDATE files SET run = %s, status = coalesce(%s, status), outcome = coalesce(%s, outcome) "
                "WHERE id = ANY (%s)",
                (run, status, outcome, list(files)),
            )


async def delete_gone(identity: Identity, run: int, limit: int) -> tuple[int, int]:
    """Delete some of the files that a run found gone; returns how many, and of how many anything was stored."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, content_hash IS NOT NULL AS stored FROM files WHERE run = %s AND status = 'gone' "
            "ORDER BY id LIMIT %s FOR UPDATE",
            (run, limit),
        )
        rows = await cursor.fetchall()
        await _delete(connection, [row["id"] for row in rows])
        return len(rows), sum(row["stored"] for row in rows)


async def delete(identity: Identity, files: Sequence[int]) -> int:
    """Delete files with everything derived from them, in one transaction; returns how many there were."""
    async with ingesting(identity) as connection:
        return await _delete(connection, files)


async def exclude(identity: Identity, files: Sequence[int]) -> int:
    """Delete everything derived from files, and keep their places, so that no ingest brings them back."""
    async with ingesting(identity) as connection:
        await _delete_documents(connection, files)
        cursor = await connection.execute(
            "UPDATE files SET status = 'excluded', stamp = NULL, content_hash = NULL, outcome = NULL, code = NULL, "
            "cause = NULL, members = '[]', chunks = 0 WHERE id = ANY (%s)",
            (list(files),),
        )
        return cursor.rowcount


async def _delete(connection: Connection, files: Sequence[int]) -> int:
    await _delete_documents(connection, files)
    cursor = await connection.execute("DELETE FROM files WHERE id = ANY (%s)", (list(files),))
    return cursor.rowcount


async def _delete_documents(connection: Connection, files: Sequence[int]) -> None:
    cursor = await connection.execute(
        "SELECT id FROM documents WHERE file = ANY (%s) ORDER BY id FOR UPDATE", (list(files),)
    )
    documents = [row["id"] for row in await cursor.fetchall()]
    changes = Changes()
    await chunks.delete(connection, documents, changes)
    await release(connection, documents, changes)
    await connection.execute("DELETE FROM documents WHERE id = ANY (%s)", (documents,))
    await contexts.forget(connection, files)
    await changes.apply(connection)


async def outcomes(identity: Identity, run: int) -> dict[str, dict[str, int]]:
    """Files and chunks of a run by outcome."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT outcome, count(*) AS files, sum(chunks) AS chunks FROM files "
            "WHERE run = %s AND outcome IS NOT NULL GROUP BY outcome",
            (run,),
        )
        rows = await cursor.fetchall()
    return {row["outcome"]: {"files": row["files"], "chunks": row["chunks"]} for row in rows}


async def failures(identity: Identity, run: int) -> list[dict[str, Any]]:
    """What failed in a run, by path: files, and files inside files. At most MOST_NAMED."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            SELECT path, code, cause AS error FROM files WHERE run = %(run)s AND outcome = 'failed'
            UNION ALL
            SELECT rtrim(f.path || '/' || (m ->> 'member'), '/'), m ->> 'code', m ->> 'cause'
            FROM files f, jsonb_array_elements(f.members) AS m
            WHERE f.run = %(run)s AND f.outcome IN ('added', 'updated')
            ORDER BY 1 LIMIT %(limit)s
            """,
            {"run": run, "limit": MOST_NAMED},
        )
        return [dict(row) for row in await cursor.fetchall()]
