"""How many of the chunks that an asker may see hold a term."""

from collections.abc import Sequence

from state.identity import Identity
from state.postgres.pool import fetch


async def document_frequencies(identity: Identity, terms: Sequence[str]) -> tuple[int, dict[str, int]]:
    """The number of visible chunks, and of those with each term; a term that none has is absent."""
    rows = await fetch(
        identity,
        "SELECT '' AS term, sum(chunks)::bigint AS found FROM access_classes UNION ALL "
        "SELECT term, sum(chunks)::bigint FROM term_counts WHERE term = ANY (%s) GROUP BY term",
        (list(set(terms) - {""}),),
    )
    found = {row["term"]: int(row["found"] or 0) for row in rows}
    return found.pop(""), found
