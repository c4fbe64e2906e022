"""A guard policy as it stands in a file of guards/."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from state.guard import Action, Direction
from tools.guard.checks import checks


class Rule(BaseModel):
    """One check on some texts, and what is done where it finds something; code and sentence are the check's if empty.

    `allow`: what it finds is let through whatever later rules say of the same characters.
    restore: personal data that a model saw as placeholders comes back in its answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: str
    on: tuple[Direction, ...] = Field(min_length=1)
    action: Action
    code: str = ""
    sentence: str = ""
    options: BaseModel
    dry_run: bool = False
    restore: bool = True

    @model_validator(mode="before")
    @classmethod
    def _with_options(cls, given: object) -> object:
        """The options in the check's own form."""
        if not isinstance(given, dict) or not isinstance(given.get("check"), str):
            return given
        check = checks().get(given["check"])
        if check is None:
            raise ValueError(f"there is no check {given['check']!r}; there are: {', '.join(checks())}")
        about = {"code": check.code, "sentence": check.sentence}
        return {**about, **given, "options": check.options.model_validate(given.get("options") or {})}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        impossible = set(self.on) - checks()[self.check].directions
        if impossible:
            raise ValueError(f"the check {self.check!r} cannot look at: {', '.join(sorted(impossible))}")
        if self.action == "ask" and set(self.on) != {"input"}:
            raise ValueError(
                "the action 'ask' is for input only: nobody can be asked in the middle of an answer"
            )
        return self


class Policy(BaseModel):
    """The rules in their order. tenants, collections: whom it is for; none: everyone who has none of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    tenants: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    dry_run: bool = False
    explain: bool = False
    rules: tuple[Rule, ...] = Field(min_length=1)
    hash: str = ""

    def on(self, direction: Direction) -> tuple[Rule, ...]:
        """The rules for texts of this direction."""
        return tuple(rule for rule in self.rules if direction in rule.on)
