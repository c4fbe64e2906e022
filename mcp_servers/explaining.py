"""Failures as clients and their models can use them: a sentence and a code; what is unexpected stays with us."""

import inspect
import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from state.errors import KairosError

P = ParamSpec("P")
T = TypeVar("T")
_RAISES = re.compile(r"\s*Raises KairosError.*", re.DOTALL)


def explained(tool: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The tool; what it refuses with reaches the model as an error that it may mend."""

    @wraps(tool)
    async def telling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await tool(*args, **kwargs)
        except KairosError as error:
            raise ToolError(f"{error.sentence} [{error.code}]") from error

    return telling


def found(resource: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The resource; one that the caller may not see is not found, as one that is not there."""

    @wraps(resource)
    async def telling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await resource(*args, **kwargs)
        except KairosError as error:
            kind = ResourceNotFoundError if error.code == "document_unknown" else ResourceError
            raise kind(f"{error.sentence} [{error.code}]") from error

    return telling


def prompted(prompt: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The prompt; what it refuses with is a wrong argument."""

    @wraps(prompt)
    async def telling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await prompt(*args, **kwargs)
        except KairosError as error:
            raise MCPError(code=INVALID_PARAMS, message=f"{error.sentence} [{error.code}]") from error

    return telling


def description(tool: Callable[..., object]) -> str:
    """What a client shows of a tool: its docstring without what it raises."""
    return " ".join(_RAISES.sub("", inspect.getdoc(tool) or "").split())
