"""The tools that an agent may use for an asker, now."""

import asyncio

from tools.acting.agents import Agent
from tools.builtin.offered import offered
from tools.tool import Tool


async def toolbox(agent: Agent) -> dict[str, Tool]:
    """By full name: what is built in, as far as the agent may use it. Raises KairosError tools_invalid."""
    found = await asyncio.to_thread(offered)
    return {name: tool for name, tool in found.items() if agent.may_use(tool)}
