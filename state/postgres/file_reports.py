"""What is known of files and their documents, for the people who look after them."""

from typing import Any

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import ingesting


async def list_files(
    identity: Identity, collection: str | None = None, status: str | None = None, limit: int = 100
) -> list[DictRow]:
    """Files by path: id, collection, path, status, code, cause, groups, documents, chunks, bytes, checked_at."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            SELECT f.id, c.name AS collection, f.path, f.status, f.code, f.cause, a.groups, f.chunks, f.bytes,
                f.checked_at, ARRAY(SELECT id FROM documents d WHERE d.file = f.id ORDER BY id) AS documents
            FROM files f JOIN collections c ON c.id = f.collection JOIN access_classes a ON a.id = f.access
            WHERE (%(collection)s::text IS NULL OR c.name = %(collection)s)
                AND (%(status)s::text IS NULL OR f.status = %(status)s)
            ORDER BY c.name, f.path, f.id LIMIT %(limit)s
            """,
            {"collection": collection, "status": status, "limit": limit},
        )
        return await cursor.fetchall()


async def show(identity: Identity, file: int) -> dict[str, Any]:
    """All that is known of a file: its row, its documents with their versions, and its duplicates."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            SELECT f.id, c.name AS collection, f.uri, f.path, f.status, f.code, f.cause, a.groups, f.chunks, f.bytes,
                f.seconds, f.peak_mb, f.recipe, f.members, f.checked_at, f.created_at,
                s.kind AS source_kind, s.location AS source
            FROM files f JOIN collections c ON c.id = f.collection JOIN access_classes a ON a.id = f.access
                LEFT JOIN sources s ON s.id = f.source WHERE f.id = %s
            """,
            (file,),
        )
        found = await cursor.fetchone()
        if found is None:
            raise KairosError("file_unknown", f"There is no file {file}; see `kairos documents list`.")
        cursor = await connection.execute(
            """
            SELECT d.id, d.path, d.title, d.media_type, d.language, d.flags, d.pages, d.version, d.updated_at,
                length(d.text) AS characters, d.metadata,
                (SELECT count(*) FROM chunks c WHERE c.document = d.id) AS chunks,
                ARRAY(SELECT v.version FROM document_versions v WHERE v.document = d.id ORDER BY 1) AS old_versions,
                (SELECT k.path FROM documents k WHERE k.id = d.duplicate_of) AS duplicate_of,
                ARRAY(SELECT o.path FROM documents o WHERE o.duplicate_of = d.id ORDER BY o.uri) AS duplicates
            FROM documents d WHERE d.file = %s ORDER BY d.id
            """,
            (file,),
        )
        return {**found, "documents": await cursor.fetchall()}


async def summary(identity: Identity, collection: str | None = None) -> dict[str, Any]:
    """Counts over all files: by status, failure, media type, language and flag; bytes and seconds in all."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            WITH f AS (SELECT f.* FROM files f JOIN collections c ON c.id = f.collection
                       WHERE %(name)s::text IS NULL OR c.name = %(name)s),
                 d AS (SELECT * FROM documents WHERE file IN (SELECT id FROM f))
            SELECT (SELECT count(*) FROM f) AS files, (SELECT count(*) FROM d) AS documents,
                (SELECT count(*) FROM d WHERE duplicate_of IS NOT NULL) AS duplicates,
                (SELECT coalesce(sum(chunks), 0) FROM f) AS chunks,
                (SELECT coalesce(sum(bytes), 0) FROM f) AS bytes,
                (SELECT coalesce(round(sum(seconds)::numeric, 3), 0)::float FROM f) AS seconds,
                (SELECT coalesce(max(peak_mb), 0) FROM f) AS peak_mb,
                (SELECT jsonb_object_agg(k, n) FROM (SELECT status AS k, count(*) AS n FROM f GROUP BY 1) x) AS status,
                (SELECT jsonb_object_agg(k, n) FROM (SELECT code AS k, count(*) AS n FROM f WHERE status = 'failed'
                    GROUP BY 1) x) AS failures,
                (SELECT jsonb_object_agg(k, n) FROM (SELECT media_type AS k, count(*) AS n FROM d GROUP BY 1) x)
                    AS types,
                (SELECT jsonb_object_agg(k, n) FROM (SELECT language AS k, count(*) AS n FROM d GROUP BY 1) x)
                    AS languages,
                (SELECT jsonb_object_agg(k, n) FROM (SELECT unnest(flags) AS k, count(*) AS n FROM d GROUP BY 1) x)
                    AS flags
            """,
            {"name": collection},
        )
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - counts always give one row
    return {key: {} if value is None else value for key, value in row.items()}


async def known(identity: Identity, collection: str | None, files: list[int]) -> None:
    """Raises KairosError file_unknown for the first of some files that is not there, or not in the collection."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT f.id FROM files f JOIN collections c ON c.id = f.collection "
            "WHERE f.id = ANY (%s) AND c.name = coalesce(%s, c.name)",
            (files, collection),
        )
        found = {row["id"] for row in await cursor.fetchall()}
    missing = next((file for file in files if file not in found), None)
    if missing is not None:
        where = f" in the collection {collection!r}" if collection else ""
        raise KairosError("file_unknown", f"There is no file {missing}{where}; see `kairos documents list`.")
