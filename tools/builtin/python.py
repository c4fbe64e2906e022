"""Python in a sandbox: no network, no machine, only the documents that the asker names and may read."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from state.identity import Identity
from tools.builtin.settings import Python
from tools.sandbox import Limits, Outcome, run_python
from tools.tool import Arguments, Result, Tool

_DOCUMENTS = 5


def python(settings: Python) -> Tool:
    """The tool with the limits of the settings."""
    limits = Limits(settings.seconds, settings.memory_mb, settings.output_chars)

    async def run(arguments: Arguments, identity: Identity, _: UUID) -> Result:
        files = await _texts(identity, arguments.get("documents", ()))
        outcome = await run_python(arguments["code"], arguments.get("inputs"), files, limits)
        return Result(_told(outcome), _structured(outcome), bool(outcome.error), outcome.truncated)

    return Tool(
        name="builtin.python",
        description=(
            "Run Python 3 in a sandbox and see what it prints and the value of its last expression. There: json, re, "
            "math, datetime, decimal, collections, itertools, functools, random, csv; no network, no other packages, "
            f"no yield; {settings.seconds:g} s and {settings.memory_mb} MB. inputs are names it finds; the text of "
            "document N lies in /files/N.txt. Nothing is kept from one call to the next."
        ),
        parameters={
            "type": "object",
            "properties": {
                "code": {"type": "string", "minLength": 1, "maxLength": 20_000},
                "inputs": {"type": "object", "maxProperties": 50, "description": "Names to JSON values."},
                "documents": {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1},
                    "maxItems": _DOCUMENTS,
                    "description": "Numbers of documents that the code may read.",
                },
            },
            "required": ["code"],
            "additionalProperties": False,
        },
        output={
            "type": "object",
            "properties": {"output": {"type": "string"}, "value": {}, "seconds": {"type": "number"}},
            "required": ["output", "value"],
        },
        run=run,
        risk="read",
        idempotent=True,
    )


async def _texts(identity: Identity, documents: Sequence[int]) -> Mapping[str, bytes]:
    """Each document's text as the asker may read it. Raises KairosError document_unknown."""
    if not documents:
        return {}
    from state.postgres.sandbox_files import texts

    found = await texts(identity, documents)
    return {f"{number}.txt": text.encode() for number, text in found.items()}


def _told(outcome: Outcome) -> str:
    value = "" if outcome.value is None else f"{outcome.value}"
    return "\n".join(part for part in (outcome.output.rstrip("\n"), value, outcome.error) if part) or "Done."


def _structured(outcome: Outcome) -> dict[str, Any]:
    found = {"output": outcome.output, "value": outcome.value, "seconds": outcome.seconds}
    return found | ({"error": outcome.error, "code": outcome.code} if outcome.error else {})
