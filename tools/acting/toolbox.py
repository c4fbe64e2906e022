"""The tools that an agent may use for an asker, now."""

import asyncio

from state.identity import Identity
from tools.acting.agents import Agent
from tools.tool import Tool


async def toolbox(agent: Agent, identity: Identity) -> dict[str, Tool]:
    """By full name: what is built in and what the declared servers offer, as far as the agent may use it.

    Raises KairosError tools_invalid.
    """
    from tools.builtin.offered import offered
    from tools.mcp.offered import served

    own = await asyncio.to_thread(offered)
    theirs = await served(identity, frozenset(name.rpartition(".")[2] for name in own))
    return {tool.name: tool for tool in (*own.values(), *theirs) if agent.may_use(tool)}
