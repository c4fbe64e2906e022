"""Questions in SQL about the tables that are granted, as the asker."""

import asyncio
from uuid import UUID

from state.identity import Identity
from state.postgres.sql_reader import Grant, ask
from tools.builtin.settings import SqlQuery
from tools.sql.check import LONGEST, check
from tools.tool import Arguments, Result, Tool

_SHOWN = 10_000
"""Characters of a table as text; all rows stand in the structured result."""


def sql_query(settings: SqlQuery) -> Tool:
    """The tool for the schema of the settings."""
    grant = Grant(settings.schema_, frozenset(settings.tables), settings.rows, settings.seconds)

    async def query(arguments: Arguments, identity: Identity, _: UUID) -> Result:
        question = arguments["query"]
        await asyncio.to_thread(check, question, grant.schema, grant.tables)
        answer = await ask(identity, question, grant)
        structured = {"columns": answer.columns, "rows": answer.rows, "truncated": answer.truncated}
        text = _table([column["name"] for column in answer.columns], answer.rows)
        return Result(text[:_SHOWN], structured, truncated=answer.truncated or len(text) > _SHOWN)

    return Tool(
        name="builtin.sql_query",
        description=(
            f"Ask the database one question in SQL (Postgres, SELECT only) about the tables of {grant.schema}: "
            f"{', '.join(settings.tables)}. Give every column of the answer a name of its own. "
            f"At most {settings.rows} rows come back: count and sum in SQL."
        ),
        parameters={
            "type": "object",
            "properties": {"query": {"type": "string", "minLength": 1, "maxLength": LONGEST}},
            "required": ["query"],
            "additionalProperties": False,
        },
        output={
            "type": "object",
            "properties": {
                "columns": {"type": "array", "items": {"type": "object"}},
                "rows": {"type": "array", "items": {"type": "object"}},
                "truncated": {"type": "boolean"},
            },
            "required": ["columns", "rows", "truncated"],
        },
        run=query,
        risk="read",
        idempotent=True,
    )


def _table(names: list[str], rows: list[dict[str, object]]) -> str:
    """A Markdown table."""
    if not rows:
        return "No rows."
    lines = [names, ["---"] * len(names), *([_cell(row.get(name)) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
