"""Documents as files of the sandbox."""

from collections.abc import Sequence

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import scoped


async def texts(identity: Identity, documents: Sequence[int]) -> dict[int, str]:
    """The texts of documents by number, as `identity` may read them. Raises KairosError document_unknown."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, text FROM documents WHERE id = ANY (%s)", (list(documents),)
        )
        found = {int(row["id"]): str(row["text"]) for row in await cursor.fetchall()}
    for number in documents:
        if number not in found:
            raise KairosError("document_unknown", f"There is no document {number} that you may read.")
    return found
