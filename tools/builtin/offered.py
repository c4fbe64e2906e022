"""The built-in tools that the settings offer."""

from collections.abc import Mapping

from state.errors import KairosError
from tools.builtin import settings
from tools.builtin.settings import ToolSettings
from tools.tool import Tool


def offered(chosen: ToolSettings | None = None) -> Mapping[str, Tool]:
    """The tools by name, by the file of KAIROS_TOOLS unless `chosen` says which. Raises KairosError tools_invalid."""
    chosen = chosen or settings.chosen().settings
    return {tool.name: tool for tool in _tools(chosen)}


def find(name: str) -> Tool:
    """The tool of that name; "builtin." may be left out. KairosError tool_unknown names those that there are."""
    tools = offered()
    found = tools.get(name) or tools.get(f"builtin.{name}")
    if found is None:
        there = ", ".join(tools)
        raise KairosError("tool_unknown", f"There is no tool {name[:60]!r}; there are: {there}.")
    return found


def _tools(chosen: ToolSettings) -> list[Tool]:
    tools = []
    if chosen.calculator.enabled:
        from tools.builtin.calculator import CALCULATOR

        tools.append(CALCULATOR)
    if chosen.date_time.enabled:
        from tools.builtin.date_time import DATE_TIME

        tools.append(DATE_TIME)
    if chosen.python.enabled:
        from tools.builtin.python import python

        tools.append(python(chosen.python))
    if chosen.http_get:
        from tools.builtin.http_get import http_get

        tools.append(http_get(chosen.http_get))
    if chosen.sql_query:
        from tools.builtin.sql_query import sql_query

        tools.append(sql_query(chosen.sql_query))
    return tools
