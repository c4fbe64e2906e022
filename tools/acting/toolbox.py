"""The tools that an agent may use for an asker, now."""

from tools.acting.agents import Agent
from tools.builtin.calculator import CALCULATOR
from tools.builtin.date_time import DATE_TIME
from tools.tool import Tool


async def toolbox(agent: Agent) -> dict[str, Tool]:
    """By full name: what is built in and what the declared servers offer, as far as the agent may use it."""
    found = (CALCULATOR, DATE_TIME)
    return {tool.name: tool for tool in found if agent.may_use(tool)}
