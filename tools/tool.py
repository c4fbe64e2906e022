"""A tool: something that a machine may call by name, built in or served by somebody else."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

from state.errors import KairosError
from state.identity import Identity
from state.provenance import Role

Risk = Literal["read", "write", "destructive", "outward", "money"]
"""What a call can do at worst; outward: something leaves the house."""

Arguments = Mapping[str, Any]
Schema = Mapping[str, Any]

_SAID = 200


@dataclass(frozen=True, slots=True)
class Result:
    """What a call gave: text for models and people, and the same as JSON where it has a form.

    is_error: the tool ran and failed, which the caller may mend; truncated: there was more than may be given.
    """

    text: str
    structured: Any = None
    is_error: bool = False
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool under its full name, "namespace.name". parameters, output: JSON Schema; `output` is of `structured`.

    run is given the arguments, on whose behalf it acts, and an idempotency key. idempotent: a second call with the same
    key or arguments changes nothing more, so that a lost one may be repeated. lookup: what came of the call with a key,
    None if it never had its effect. trusted: what it gives may name whom and what to act upon. roles: what arguments
    are for, by name, where nobody should guess; only for tools of ours, since it counts more than their form.
    """

    name: str
    description: str
    parameters: Schema
    run: Callable[[Arguments, Identity, UUID], Awaitable[Result]]
    risk: Risk
    idempotent: bool
    output: Schema | None = None
    lookup: Callable[[UUID, Identity], Awaitable[Result | None]] | None = None
    trusted: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)

    async def call(self, arguments: Arguments, identity: Identity, key: UUID | None = None) -> Result:
        """Run it as `identity`, its arguments and what it gives held against their schemas.

        Raises KairosError: tool_arguments_invalid, tool_result_invalid, and what the tool itself refuses with.
        """
        if wrong := self.mismatch(arguments):
            raise KairosError("tool_arguments_invalid", f"The arguments of {self.name} are wrong: {wrong}.")
        result = await self.run(arguments, identity, key or uuid4())
        cut_off = result.truncated and result.structured is None
        promised = None if result.is_error or cut_off else self.output
        if promised is not None and (wrong := mismatch(promised, result.structured)):
            raise KairosError("tool_result_invalid", f"{self.name} gave what it never promised: {wrong}.")
        return result

    def mismatch(self, arguments: Arguments) -> str:
        """What is wrong with the arguments, without long values; empty if nothing is."""
        return mismatch(self.parameters, arguments)


def from_json(name: str, text: str) -> dict[str, Any]:
    """The arguments that a JSON object holds. Raises KairosError tool_arguments_invalid."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise KairosError("tool_arguments_invalid", f"The arguments of {name} are not a JSON object.")
    return found


def mismatch(schema: Schema, value: Any) -> str:
    """The first thing that does not fit, without values longer than a line; empty if all fits.

    Raises KairosError tool_schema_invalid. References lead nowhere but into the schema itself: nothing is fetched.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, UnknownType, best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        validator = Draft202012Validator(schema, registry=Registry())
        error = best_match(validator.iter_errors(value))
    except (SchemaError, UnknownType, Unresolvable, ValueError, TypeError, RecursionError, re.error):
        raise KairosError(
            "tool_schema_invalid", "A tool's schema cannot be used: it is no JSON Schema."
        ) from None
    if error is None:
        return ""
    place = ".".join(str(step) for step in error.absolute_path)
    said = " ".join(error.message.split())
    return f"{place + ': ' if place else ''}{said[:_SAID]}".rstrip(".")
