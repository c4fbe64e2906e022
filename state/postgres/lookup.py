"""What the documents that the asker may see know of a question's words, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from state.identity import Identity
from state.postgres.pool import fetch

MOST_NEAR = 1_000
"""Words that are compared with an unknown one, the commonest first."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A word of a question: words that begin with `start` or end with `end` may be the one that was meant."""

    word: str
    start: str
    end: str
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class Known:
    """`words`: those of the question that some visible document holds. `near`: for each other one, words that share
    its beginning or end, with the number of documents that hold them. `forms`: short form and long form.
    """

    words: frozenset[str]
    near: dict[str, dict[str, int]]
    forms: list[tuple[str, str]]


# A range of letters in place of LIKE or starts_with, which are not leakproof: the index serves it under the policy.
_LOOK_UP: LiteralString = """
WITH sought AS MATERIALIZED (
    SELECT * FROM unnest(%(words)s::text[], %(starts)s::text[], %(ends)s::text[], %(shortest)s::integer[],
        %(longest)s::integer[]) AS s(word, start, ending, shortest, longest)
),
known AS MATERIALIZED (
    SELECT word FROM sought s WHERE EXISTS (SELECT FROM words w WHERE w.word = s.word)
)
SELECT 'known' AS what, word AS of, NULL AS found, 0 AS documents FROM known
UNION ALL
SELECT 'near', s.word, n.word, n.documents FROM sought s, LATERAL (
    SELECT word, sum(documents)::integer AS documents FROM (
        SELECT word, documents FROM words WHERE word >= s.start AND word < s.start || chr(1114111)
        UNION ALL
        SELECT word, documents FROM words WHERE reversed >= s.ending AND reversed < s.ending || chr(1114111)
            AND NOT (word >= s.start AND word < s.start || chr(1114111))
    ) w WHERE length(word) BETWEEN s.shortest AND s.longest GROUP BY word ORDER BY documents DESC, word LIMIT %(most)s
) n WHERE s.word NOT IN (SELECT word FROM known)
UNION ALL
SELECT DISTINCT 'form', short, long, 0 FROM short_forms
WHERE short = ANY (%(forms)s) OR long = ANY (%(forms)s)
"""


async def look_up(identity: Identity, sought: Sequence[Sought], forms: Sequence[str]) -> Known:
    """What the asker's documents say of words, and of names that may be short or long forms (lower case)."""
    rows = await fetch(
        identity,
        _LOOK_UP,
        {
            "words": [one.word for one in sought],
            "starts": [one.start for one in sought],
            "ends": [one.end[::-1] for one in sought],
            "shortest": [one.shortest for one in sought],
            "longest": [one.longest for one in sought],
            "most": MOST_NEAR,
            "forms": list(forms),
        },
    )
    near: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["what"] == "near":
            near.setdefault(row["of"], {})[row["found"]] = row["documents"]
    return Known(
        frozenset(row["of"] for row in rows if row["what"] == "known"),
        near,
        sorted((row["of"], row["found"]) for row in rows if row["what"] == "form"),
    )
