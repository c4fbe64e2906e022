"""Which embedder the stored vectors came from: vectors of two models must never meet."""

from state.errors import KairosError
from state.postgres.documents import Connection


async def claim(connection: Connection, embedder: str, dimensions: int) -> None:
    """Record the embedder of an empty index, or refuse one that differs from the index's."""
    cursor = await connection.execute("SELECT embedder, dimensions FROM index_settings")
    found = await cursor.fetchone()
    if found is None and dimensions == await _column_dimensions(connection):
        await connection.execute(
            "INSERT INTO index_settings (embedder, dimensions) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (embedder, dimensions),
        )
        return
    if found is None:
        found = {"embedder": "another model", "dimensions": await _column_dimensions(connection)}
    require(embedder, dimensions, found["embedder"], found["dimensions"])


def require(embedder: str, dimensions: int, indexed: str, indexed_dimensions: int) -> None:
    """Refuse an embedder that is not the index's."""
    if (embedder, dimensions) != (indexed, indexed_dimensions):
        raise KairosError(
            "embedder_changed",
            f"The index holds vectors of {indexed} ({indexed_dimensions} numbers each), but the configured "
            f"embedder is {embedder} ({dimensions}); run 'kairos reindex', or set it back.",
        )


async def _column_dimensions(connection: Connection) -> int:
    cursor = await connection.execute(
        "SELECT atttypmod AS n FROM pg_attribute WHERE attrelid = 'chunks'::regclass AND attname = 'embedding'"
    )
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0
