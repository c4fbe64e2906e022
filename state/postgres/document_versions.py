"""Replaced versions of documents: kept so that old citations still open."""

from psycopg.rows import DictRow

from state.identity import Identity
from state.postgres.collections import Collection
from state.postgres.documents import ingesting
from state.postgres.pool import scoped


async def of_document(identity: Identity, document: int) -> list[DictRow]:
    """The replaced versions that are kept of a document the asker may see, newest first."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT version, title, stored_at, replaced_at FROM document_versions "
            "WHERE document = %s ORDER BY version DESC",
            (document,),
        )
        return await cursor.fetchall()


async def expire(identity: Identity, collection: Collection) -> int:
    """Delete versions that were replaced longer ago than the collection keeps them; returns how many."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "DELETE FROM document_versions v USING documents d WHERE d.id = v.document AND d.collection = %s "
            "AND v.replaced_at <= now() - make_interval(days => %s)",
            (collection.id, collection.keep_versions),
        )
        return cursor.rowcount
