"""The tools that an agent may use for an asker, now."""

from state.identity import Identity
from tools.acting.agents import Agent
from tools.builtin.calculator import CALCULATOR
from tools.builtin.date_time import DATE_TIME
from tools.mcp.offered import served
from tools.tool import Tool


async def toolbox(agent: Agent, identity: Identity) -> dict[str, Tool]:
    """By full name: what is built in and what the declared servers offer, as far as the agent may use it.

    Raises KairosError tools_invalid.
    """
    own = (CALCULATOR, DATE_TIME)
    found = (*own, *await served(identity, frozenset(tool.name.rpartition(".")[2] for tool in own)))
    return {tool.name: tool for tool in found if agent.may_use(tool)}
