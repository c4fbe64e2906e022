"""New vectors beside the old ones: search goes on with the old until all are there, then one transaction swaps."""

from collections.abc import Sequence

from psycopg import sql
from psycopg.rows import DictRow

from state.postgres.chunks import vector_literal
from state.postgres.pool import Connection, admin

New = tuple[int, Sequence[float], bytes, bytes, bytes, bytes]
"""A chunk's id, vector, sentence vectors, token codes, digest and stems."""


async def begin(embedder: str, dimensions: int) -> int:
    """Make room for new vectors; returns how many chunks wait for theirs. One that was cut short goes on."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT atttypmod AS dimensions, col_description(attrelid, attnum) AS embedder FROM pg_attribute "
            "WHERE attrelid = 'chunks'::regclass AND attname = 'new_embedding'"
        )
        found = await cursor.fetchone()
        if found != {"dimensions": dimensions, "embedder": embedder}:
            await _add_columns(connection, embedder, dimensions)
        cursor = await connection.execute("SELECT count(*) AS n FROM chunks WHERE new_embedding IS NULL")
        row = await cursor.fetchone()
        return int(row["n"]) if row else 0


async def _add_columns(connection: Connection, embedder: str, dimensions: int) -> None:
    """Empty columns for the new vectors; the comment says whose they are, until index_settings does."""
    await connection.execute(
        "ALTER TABLE chunks DROP COLUMN IF EXISTS new_embedding, DROP COLUMN IF EXISTS new_span_vectors, "
        "DROP COLUMN IF EXISTS new_token_codes"
    )
    await connection.execute(
        sql.SQL(
            "ALTER TABLE chunks ADD COLUMN new_embedding halfvec({}), ADD COLUMN new_span_vectors bytea, "
            "ADD COLUMN new_token_codes bytea"
        ).format(sql.Literal(dimensions))
    )
    await connection.execute(
        sql.SQL("COMMENT ON COLUMN chunks.new_embedding IS {}").format(sql.Literal(embedder))
    )


async def waiting(limit: int) -> list[DictRow]:
    """Chunks without a new vector: id, title, headings, context, text."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT c.id, d.title, c.headings, c.context, c.text FROM chunks c JOIN documents d ON d.id = c.document "
            "WHERE c.new_embedding IS NULL ORDER BY c.id LIMIT %s",
            (limit,),
        )
        return await cursor.fetchall()


async def put(rows: Sequence[New]) -> None:
    """New vectors of chunks by id, those of their sentences, the codes of their tokens, the digest, and the stems."""
    async with admin() as connection, connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE chunks SET new_embedding = %s, new_span_vectors = %s, new_token_codes = %s, digest = %s, "
            "stems = %s WHERE id = %s",
            [(vector_literal(vector), *its, key) for key, vector, *its in rows],
        )


async def finish(embedder: str, dimensions: int) -> bool:
    """Swap the vectors in one transaction; False if chunks were added meanwhile and wait for theirs."""
    async with admin() as connection:
        await connection.execute("LOCK TABLE chunks IN ACCESS EXCLUSIVE MODE")
        cursor = await connection.execute("SELECT 1 FROM chunks WHERE new_embedding IS NULL LIMIT 1")
        if await cursor.fetchone():
            return False
        await connection.execute(
            "ALTER TABLE chunks DROP COLUMN embedding, DROP COLUMN span_vectors, DROP COLUMN token_codes, "
            "ALTER new_embedding SET NOT NULL, ALTER new_span_vectors SET NOT NULL, "
            "ALTER new_token_codes SET NOT NULL, ALTER new_token_codes SET DEFAULT '', "
            "ALTER new_token_codes SET STORAGE EXTERNAL, "
            "ALTER new_embedding SET STORAGE PLAIN, ALTER new_span_vectors SET STORAGE EXTERNAL"
        )
        await connection.execute("ALTER TABLE chunks RENAME new_embedding TO embedding")
        await connection.execute("ALTER TABLE chunks RENAME new_span_vectors TO span_vectors")
        await connection.execute("ALTER TABLE chunks RENAME new_token_codes TO token_codes")
        await connection.execute(
            "CREATE INDEX chunks_embedding ON chunks USING hnsw (embedding halfvec_ip_ops)"
        )
        await connection.execute(
            "INSERT INTO index_settings (embedder, dimensions) VALUES (%(e)s, %(d)s) "
            "ON CONFLICT (one) DO UPDATE SET embedder = %(e)s, dimensions = %(d)s",
            {"e": embedder, "d": dimensions},
        )
        return True
