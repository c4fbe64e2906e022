"""Replaced versions of documents: kept so that old citations still open."""

from state.identity import Identity
from state.postgres.collections import Collection
from state.postgres.pool import ingesting


async def expire(identity: Identity, collection: Collection) -> int:
    """Delete versions that were replaced longer ago than the collection keeps them; returns how many."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "DELETE FROM document_versions v USING documents d WHERE d.id = v.document AND d.collection = %s "
            "AND v.replaced_at <= now() - make_interval(days => %s)",
            (collection.id, collection.keep_versions),
        )
        return cursor.rowcount
