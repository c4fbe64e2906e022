"""What of the index an asker may see: collections and documents, by row-level security alone."""

from psycopg.rows import DictRow

from state.identity import Identity
from state.postgres.pool import scoped


async def collections(identity: Identity) -> list[DictRow]:
    """Collections with documents that the asker may see, each with their number."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT c.name, count(*) AS documents, max(d.updated_at) AS updated_at "
            "FROM documents d JOIN collections c ON c.id = d.collection GROUP BY c.name ORDER BY c.name"
        )
        return await cursor.fetchall()


async def documents(identity: Identity, collection: str | None, after: int, limit: int) -> list[DictRow]:
    """Documents in the order of their numbers, from the first beyond `after`."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT d.id, d.title, d.path, d.uri, d.media_type, d.language, d.pages, d.version, d.updated_at, "
            "length(d.text) AS characters, c.name AS collection "
            "FROM documents d JOIN collections c ON c.id = d.collection "
            "WHERE d.id > %(after)s AND (%(name)s::text IS NULL OR c.name = %(name)s) ORDER BY d.id LIMIT %(limit)s",
            {"after": after, "name": collection, "limit": limit},
        )
        return await cursor.fetchall()
