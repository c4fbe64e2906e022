"""Which embedder the stored vectors came from: vectors of two models must never meet."""

from psycopg import sql

from state.errors import KairosError
from state.postgres.pool import Connection


async def check(connection: Connection, embedder: str, dimensions: int) -> bool:
    """Whether the index has an embedder; one that differs from it is refused."""
    cursor = await connection.execute("SELECT embedder, dimensions FROM index_settings")
    found = await cursor.fetchone()
    if found:
        require(embedder, dimensions, found["embedder"], found["dimensions"])
    return found is not None


async def claim(connection: Connection, embedder: str, dimensions: int) -> None:
    """Record the embedder of a new index, or refuse one that differs from the index's. For the tables' owner."""
    if await check(connection, embedder, dimensions):
        return
    # Waits for another process that is claiming the index now.
    cursor = await connection.execute(
        "INSERT INTO index_settings (embedder, dimensions) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (embedder, dimensions),
    )
    if cursor.rowcount:
        await _fit(connection, embedder, dimensions)
    else:
        await check(connection, embedder, dimensions)


def require(embedder: str, dimensions: int, indexed: str, indexed_dimensions: int) -> None:
    """Refuse an embedder that is not the index's."""
    if (embedder, dimensions) != (indexed, indexed_dimensions):
        raise KairosError(
            "embedder_changed",
            f"The index holds vectors of {indexed} ({indexed_dimensions} numbers each), but the configured "
            f"embedder is {embedder} ({dimensions}); run 'kairos reindex', or set it back.",
        )


async def _fit(connection: Connection, embedder: str, dimensions: int) -> None:
    """Make the column of a new index hold vectors of that length."""
    cursor = await connection.execute(
        "SELECT atttypmod AS dimensions, EXISTS (SELECT FROM chunks) AS used FROM pg_attribute "
        "WHERE attrelid = 'chunks'::regclass AND attname = 'embedding'"
    )
    column = await cursor.fetchone()
    if column is None or column["dimensions"] == dimensions:
        return
    if column["used"]:
        require(embedder, dimensions, "another model", column["dimensions"])
    await connection.execute("DROP INDEX chunks_embedding")
    await connection.execute(
        sql.SQL(
            "ALTER TABLE chunks ALTER embedding TYPE halfvec({}), ALTER embedding SET STORAGE PLAIN"
        ).format(sql.Literal(dimensions))
    )
    await connection.execute("CREATE INDEX chunks_embedding ON chunks USING hnsw (embedding halfvec_ip_ops)")
