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
    return _telling(tool, lambda _, said: ToolError(said))


def found(resource: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The resource; one that the caller may not see is not found, as one that is not there."""
    return _telling(
        resource,
        lambda code, said: (ResourceNotFoundError if code == "document_unknown" else ResourceError)(said),
    )


def prompted(prompt: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The prompt; what it refuses with is a wrong argument."""
    return _telling(prompt, lambda _, said: MCPError(code=INVALID_PARAMS, message=said))


def _telling(
    work: Callable[P, Awaitable[T]], failure: Callable[[str, str], Exception]
) -> Callable[P, Awaitable[T]]:
    """The same; what it refuses with, as the failure of a code and of what is said."""

    @wraps(work)
    async def telling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await work(*args, **kwargs)
        except KairosError as error:
            raise failure(error.code, f"{error.sentence} [{error.code}]") from error

    return telling


def description(tool: Callable[..., object]) -> str:
    """What a client shows of a tool: its docstring without what it raises."""
    return " ".join(_RAISES.sub("", inspect.getdoc(tool) or "").split())
