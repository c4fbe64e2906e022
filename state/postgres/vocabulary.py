"""The words of the corpus, counted by access class in the transactions that store, move and delete documents."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from state.postgres.pool import Connection

SHORTEST = 4
LONGEST = 24
"""Letters of a word that is worth mending: shorter ones are all alike, longer ones are never typed."""
WORD = re.compile(rf"\b[^\W\d_]{{{SHORTEST},{LONGEST}}}\b")

_ANY_WORD = re.compile(r"\w+")  # and a filter of distinct words: twice as fast as WORD

Counts = dict[int, Counter[str]]
"""Documents that gained or lost a word, by access class."""


class Headed(Protocol):
    """A chunk: its text and the headings it stands under."""

    @property
    def headings(self) -> Sequence[str]: ...
    @property
    def text(self) -> str: ...


def words_of(title: str, chunks: Iterable[Headed]) -> set[str]:
    """The distinct words of a document's title, chunks and headings, in lower case."""
    texts = {title, *(text for chunk in chunks for text in (chunk.text, *chunk.headings))}
    found = set(_ANY_WORD.findall("\n".join(texts).lower()))
    return {word for word in found if word.isalpha() and SHORTEST <= len(word) <= LONGEST}


async def put(
    connection: Connection, words: Mapping[int, set[str]], access_of: Mapping[int, int], counts: Counts
) -> None:
    """Note the words of new documents, by document, each in its access class."""
    if not words:
        return
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO document_words (document, access, words) VALUES (%s, %s, %s)",
            [(document, access_of[document], sorted(those)) for document, those in words.items()],
        )
    for document, those in words.items():
        counts.setdefault(access_of[document], Counter()).update(those)


async def take(connection: Connection, documents: Sequence[int], counts: Counts) -> None:
    """Forget the words of documents that change or go."""
    cursor = await connection.execute(
        "DELETE FROM document_words WHERE document = ANY (%s) RETURNING access, words", (list(documents),)
    )
    for row in await cursor.fetchall():
        counts.setdefault(row["access"], Counter()).subtract(row["words"])
    await connection.execute("DELETE FROM short_forms WHERE document = ANY (%s)", (list(documents),))


async def move(connection: Connection, documents: Sequence[int], access: int, counts: Counts) -> None:
    """Move the words and short forms of documents to another class."""
    cursor = await connection.execute(
        """
        WITH moved AS (SELECT document, access, words FROM document_words
                       WHERE document = ANY (%(documents)s) AND access <> %(access)s),
             words_moved AS (UPDATE document_words SET access = %(access)s
                             WHERE document = ANY (ARRAY(SELECT document FROM moved))),
             forms_moved AS (UPDATE short_forms SET access = %(access)s WHERE document = ANY (%(documents)s))
        SELECT access, words FROM moved
        """,
        {"documents": list(documents), "access": access},
    )
    for row in await cursor.fetchall():
        counts.setdefault(row["access"], Counter()).subtract(row["words"])
        counts.setdefault(access, Counter()).update(row["words"])


async def apply(connection: Connection, access: int, changed: Mapping[str, int]) -> None:
    """Write the counts of one class, whose row this transaction has locked: writers cannot deadlock over words."""
    words = sorted(word for word, change in changed.items() if change)
    if not words:
        return
    await connection.execute(
        "INSERT INTO words (access, word, reversed, documents) "
        "SELECT %s, word, reverse(word), change FROM unnest(%s::text[], %s::integer[]) AS w(word, change) "
        "ON CONFLICT (access, word) DO UPDATE SET documents = words.documents + excluded.documents",
        (access, words, [changed[word] for word in words]),
    )
    gone = [word for word in words if changed[word] < 0]
    if gone:
        await connection.execute(
            "DELETE FROM words WHERE access = %s AND word = ANY (%s) AND documents <= 0", (access, gone)
        )
