"""Documents by the name that other texts give them: their title."""

import re
from collections.abc import Sequence

from state.identity import Identity
from state.postgres.pool import fetch

LONGEST_NAME = 200
"""Characters: an index entry has to fit a page."""

_WORD = re.compile(r"\w+")
_BRACKET_AT_THE_END = re.compile(r"\s*\([^)]*\)\s*$")


def name_of(title: str) -> str:
    """The words of a title, a blank between them, without a bracket at its end."""
    return " ".join(_WORD.findall(_BRACKET_AT_THE_END.sub("", title)))[:LONGEST_NAME].strip()


async def named(identity: Identity, names: Sequence[str]) -> dict[int, str]:
    """Documents that are called so, of those that the asker may see and that are searched: id and name.

    names: words with blanks between them.
    """
    rows = await fetch(
        identity,
        # One text: a thousand names take milliseconds to write as an array.
        "SELECT id, name FROM documents WHERE name = ANY (string_to_array(%s, E'\\n')) AND name <> '' "
        "AND duplicate_of IS NULL",
        ("\n".join(names),),
    )
    return {row["id"]: row["name"] for row in rows}
