"""Agents as code: which tools they may use, when they must stop, and which calls a person must approve."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from state.errors import KairosError
from state.provenance import Risk
from tools.tool import Tool

NAME = "assistant"
"""The agent behind the assistant's door."""
FOLDER = Path(__file__).parents[2] / "agents"
Hours = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Decide = Literal["auto", "log", "approve", "two_approvers", "refuse"]


class ApprovalRule(BaseModel):
    """Which calls it is for, and what they need; no tools or risks: all.

    approvers: groups whose members may answer; own: the asker may too. Hours count from when it is asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tools: tuple[str, ...] = ("*",)
    risks: tuple[Risk, ...] = ()
    decide: Decide
    approvers: tuple[str, ...] = ()
    own: bool = False
    expires_hours: Hours = 72
    remind_hours: Hours | None = None
    escalate_hours: Hours | None = None
    escalate_to: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _somebody_can_answer(self) -> Self:
        if self.decide in ("approve", "two_approvers") and not self.approvers and not self.own:
            raise ValueError("nobody could approve this: name approvers, or set own")
        if self.decide == "two_approvers" and not self.approvers:
            raise ValueError("two people must approve this: name the approvers' groups")
        return self

    def fits(self, tool: Tool, risk: Risk) -> bool:
        """Whether the rule is for such a call."""
        return (not self.risks or risk in self.risks) and named(tool.name, self.tools)


class Agent(BaseModel):
    """An agent as its file in agents/ says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    tools: tuple[str, ...]
    steps: PositiveInt
    seconds: Annotated[float, Field(gt=0)]
    tokens: PositiveInt
    dollars: Annotated[float, Field(ge=0)]
    repeats: PositiveInt
    approvals: tuple[ApprovalRule, ...]

    def rule(self, tool: Tool, risk: Risk) -> ApprovalRule:
        """The first rule that fits; where none does, the call is refused."""
        fitting = (rule for rule in self.approvals if rule.fits(tool, risk))
        return next(fitting, ApprovalRule(decide="refuse"))

    def may_use(self, tool: Tool) -> bool:
        """Whether the tool is one of its own."""
        return named(tool.name, self.tools)


def named(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns, with * for any part, is for this full name."""
    from fnmatch import fnmatchcase

    return any(fnmatchcase(name, pattern) for pattern in patterns)


@lru_cache
def agent(name: str) -> Agent:
    """The agent of that name; reads its file the first time: call it through asyncio.to_thread.

    Raises KairosError agent_unknown or agent_invalid (with file, line and key).
    """
    from tools.yaml_file import YamlFile

    path = FOLDER / f"{name}.yaml"
    if not name.isidentifier() or not path.is_file():
        raise KairosError("agent_unknown", f"There is no agent {name!r}.")
    return YamlFile.read(path, "agent_invalid", "agent").parsed(Agent)
