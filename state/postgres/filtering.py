"""Filters in SQL: which documents and chunks a search is limited to. Every value goes as a parameter."""

import re
from collections.abc import Sequence
from typing import Any, LiteralString

from state.errors import KairosError
from state.filters import AnyOf, Condition, Filters, NumberRange, Phrase
from state.postgres.pool import Connection

Values = dict[str, Any]

_UNKNOWN_COLLECTION: LiteralString = """
    SELECT name FROM unnest(%s::text[]) AS given(name)
    WHERE NOT EXISTS (SELECT FROM collections c WHERE c.name = given.name) LIMIT 1
"""
_UNKNOWN_KEY: LiteralString = """
    SELECT name FROM unnest(%s::text[]) AS given(name)
    WHERE NOT EXISTS (SELECT FROM documents d WHERE jsonb_exists(d.metadata, given.name)) LIMIT 1
"""
# A condition on metadata is one statement for any number of them: kinds, keys and limits are arrays.
_CONDITIONS: LiteralString = r"""
    NOT EXISTS (SELECT FROM unnest(%(number_keys)s::text[], %(number_lows)s::float8[], %(number_highs)s::float8[])
        AS asked(key, low, high) WHERE NOT coalesce(CASE WHEN d.metadata ->> key ~ '^[+-]?\d{1,15}(\.\d{1,15})?$'
        THEN (d.metadata ->> key)::float8 BETWEEN low AND high END, false))
    AND NOT EXISTS (SELECT FROM unnest(%(date_keys)s::text[], %(date_lows)s::text[], %(date_highs)s::text[])
        AS asked(key, low, high) WHERE NOT coalesce(d.metadata ->> key ~ '^\d{4}-\d{2}-\d{2}'
        AND left(d.metadata ->> key, 10) COLLATE "C" BETWEEN low AND high, false))
    AND NOT EXISTS (SELECT FROM unnest(%(text_keys)s::text[]) WITH ORDINALITY AS asked(key, place)
        WHERE NOT EXISTS (SELECT FROM unnest(%(texts)s::text[], %(places)s::bigint[]) AS wanted(text, place)
            WHERE wanted.place = asked.place
            AND (d.metadata ->> key = wanted.text OR jsonb_exists(d.metadata -> key, wanted.text))))
"""
# A phrase is found by its terms, then looked for in the text; without terms (stop words only) in every text.
_PHRASES: LiteralString = """
    (NOT EXISTS (SELECT FROM unnest(%(phrase_terms)s::text[])) OR c.id IN (
        SELECT p.chunk FROM postings p WHERE p.term = ANY (%(phrase_terms)s)
        GROUP BY p.chunk HAVING count(*) = cardinality(%(phrase_terms)s::text[])))
    AND c.text ~* ALL (%(phrase_patterns)s::text[])
"""


async def require_known(connection: Connection, filters: Filters) -> None:
    """Raises KairosError `collection_unknown` or `filter_unknown`: the asker's documents have no such name."""
    for statement, names, code, sentence in (
        (_UNKNOWN_COLLECTION, filters.collections, "collection_unknown", "There is no collection {!r}."),
        (
            _UNKNOWN_KEY,
            [condition.key for condition in filters.metadata],
            "filter_unknown",
            "No document that you may see has metadata under {!r}.",
        ),
    ):
        if names:
            row = await (await connection.execute(statement, (list(names),))).fetchone()
            if row:
                raise KairosError(code, sentence.format(row["name"]))


def documents_where(filters: Filters) -> tuple[LiteralString, Values]:
    """A condition on documents `d`, and its values."""
    parts: list[LiteralString] = []
    if filters.documents is not None:
        parts.append("d.id = ANY (%(documents)s::bigint[])")
    if filters.collections:
        parts.append("d.collection IN (SELECT id FROM collections WHERE name = ANY (%(collections)s))")
    if filters.languages:
        parts.append("d.language = ANY (%(languages)s)")
    if filters.path_prefix:
        parts.append("starts_with(d.path, %(path_prefix)s)")
    if filters.updated_after:
        parts.append("d.updated_at >= %(updated_after)s")
    if filters.updated_before:
        parts.append("d.updated_at < %(updated_before)s")
    if filters.metadata:
        parts.append(_CONDITIONS)
    values: Values = {
        "documents": list(filters.documents or ()),
        "collections": list(filters.collections),
        "languages": list(filters.languages),
        "path_prefix": filters.path_prefix,
        "updated_after": filters.updated_after,
        "updated_before": filters.updated_before,
    }
    return " AND ".join(parts) or "true", values | _metadata_values(filters.metadata)


def _metadata_values(conditions: Sequence[Condition]) -> Values:
    texts = [one for one in conditions if isinstance(one, AnyOf)]
    numbers = [one for one in conditions if isinstance(one, NumberRange)]
    dates = [one for one in conditions if not isinstance(one, AnyOf | NumberRange)]
    return {
        "text_keys": [one.key for one in texts],
        "texts": [value for one in texts for value in one.values],
        "places": [place for place, one in enumerate(texts, 1) for _ in one.values],
        "number_keys": [one.key for one in numbers],
        "number_lows": [float("-inf") if one.low is None else float(one.low) for one in numbers],
        "number_highs": [float("inf") if one.high is None else float(one.high) for one in numbers],
        "date_keys": [one.key for one in dates],
        "date_lows": ["" if one.low is None else one.low.isoformat()[:10] for one in dates],
        "date_highs": ["9999-99-99" if one.high is None else one.high.isoformat()[:10] for one in dates],
    }


def phrases_where(phrases: Sequence[Phrase]) -> tuple[LiteralString, Values]:
    """A condition on chunks `c`, and its values: each phrase stands in the text, white space and case aside."""
    return _PHRASES, {
        "phrase_terms": sorted({term for phrase in phrases for term in phrase.terms}),
        "phrase_patterns": [pattern for phrase in phrases if (pattern := _pattern(phrase.text))],
    }


def _pattern(text: str) -> str:
    r"""A regular expression of Postgres for whole words: not within `ERR-40` where `ERR-4` is asked for."""
    words = text.replace("\0", "").split()
    if not words:
        return ""
    body = r"\s+".join(re.sub(r"([^\w])", r"\\\1", word) for word in words)
    before = r"(?<!\w)" if re.match(r"\w", words[0]) else ""
    after = r"(?!\w)" if re.search(r"\w$", words[-1]) else ""
    return before + body + after
