"""Generated lines of context, kept by the hash of what they were made from: nothing is paid for twice."""

from collections.abc import Mapping, Sequence

from state.identity import Identity
from state.postgres.pool import Connection, ingesting


async def known(identity: Identity, file: int, digests: Sequence[bytes]) -> dict[bytes, str]:
    """Lines that the tenant has already, by digest; from now on they are this file's too."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT ON (digest) digest, context FROM chunk_contexts WHERE digest = ANY (%s) "
            "ORDER BY digest, file",
            (list(digests),),
        )
        found = {bytes(row["digest"]): str(row["context"]) for row in await cursor.fetchall()}
        await _put(connection, identity, file, found)
    return found


async def keep(identity: Identity, file: int, lines: Mapping[bytes, str]) -> None:
    """Keep new lines of a file; nothing if it was deleted meanwhile."""
    async with ingesting(identity) as connection:
        await _put(connection, identity, file, lines)


async def _put(connection: Connection, identity: Identity, file: int, lines: Mapping[bytes, str]) -> None:
    if lines:
        await connection.execute(
            "INSERT INTO chunk_contexts (tenant, file, digest, context) SELECT %s, f.id, l.digest, l.context "
            "FROM files f, unnest(%s::bytea[], %s::text[]) AS l(digest, context) WHERE f.id = %s FOR KEY SHARE OF f "
            "ON CONFLICT DO NOTHING",
            (identity.tenant, list(lines), list(lines.values()), file),
        )


async def forget(connection: Connection, files: Sequence[int]) -> None:
    """Delete the lines of files that none of their chunks holds any more."""
    await connection.execute(
        "DELETE FROM chunk_contexts x WHERE file = ANY (%s) AND NOT EXISTS (SELECT FROM chunks c "
        "JOIN documents d ON d.id = c.document WHERE d.file = x.file AND c.context = x.context)",
        (list(files),),
    )
