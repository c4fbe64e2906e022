"""Short and long forms of names, as the documents themselves explain them."""

from collections.abc import Mapping, Sequence

from state.postgres.pool import Connection

Forms = Sequence[tuple[str, str]]
"""Short form and long form, both in lower case."""


async def put(connection: Connection, forms: Mapping[int, Forms], access_of: Mapping[int, int]) -> None:
    """Store the forms that new documents explain, by document."""
    rows = sorted(
        {
            (access_of[document], document, short, long)
            for document, those in forms.items()
            for short, long in those
        }
    )
    if rows:
        await connection.execute(
            "INSERT INTO short_forms (access, document, short, long) "
            "SELECT * FROM unnest(%s::integer[], %s::bigint[], %s::text[], %s::text[])",
            tuple(map(list, zip(*rows, strict=True))),
        )
