"""A guard policy as it stands in a file of guards/."""

from collections.abc import Iterator
from itertools import product
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
    model_validator,
)

from state.guard import Action, Direction
from tools.guard.check import Check, NoOptions
from tools.guard.checks import checks

Name = Annotated[str, Field(min_length=1, max_length=100)]
Scope = tuple[str | None, str | None]
"""A tenant and a collection; None: any."""


class Rule(BaseModel):
    """One check on some texts, and what is done where it finds something; code and sentence are the check's if empty.

    `allow`: what it finds is let through whatever later rules say of the same characters.
    restore: personal data that a model saw as placeholders comes back in its answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    check: str
    on: tuple[Direction, ...] = Field(min_length=1)
    action: Action
    code: str = Field("", pattern=r"^[a-z0-9_]*$", max_length=60)
    sentence: str = Field("", max_length=500)
    options: SerializeAsAny[BaseModel]
    dry_run: bool = False
    restore: bool = True

    @model_validator(mode="before")
    @classmethod
    def _with_options(cls, given: object) -> object:
        return {"options": {}, **given} if isinstance(given, dict) else given

    @field_validator("check")
    @classmethod
    def _is_there(cls, check: str) -> str:
        if check not in checks():
            raise ValueError(f"there is no such check; there are: {', '.join(checks())}")
        return check

    @field_validator("on")
    @classmethod
    def _can_be_looked_at(cls, on: tuple[Direction, ...], info: ValidationInfo) -> tuple[Direction, ...]:
        check = _check(info)
        if check and (impossible := set(on) - check.directions):
            raise ValueError(f"this check cannot look at: {', '.join(sorted(impossible))}")
        return on

    @field_validator("action")
    @classmethod
    def _can_be_done(cls, action: Action, info: ValidationInfo) -> Action:
        if action == "ask" and set(info.data.get("on", ())) - {"input"}:
            raise ValueError("'ask' is for input only: nobody can be asked in the middle of an answer")
        return action

    @field_validator("code", "sentence")
    @classmethod
    def _said(cls, given: str, info: ValidationInfo) -> str:
        check = _check(info)
        return given or (getattr(check, info.field_name or "") if check else "")

    @field_validator("options", mode="before")
    @classmethod
    def _of_the_check(cls, given: object, info: ValidationInfo) -> object:
        """The options in the check's own form."""
        check = _check(info)
        return check.options.model_validate({} if given is None else given) if check else NoOptions()


def _check(info: ValidationInfo) -> Check | None:
    """The rule's check, unless its name was wrong."""
    return checks().get(info.data.get("check", ""))


class Policy(BaseModel):
    """The rules in their order. tenants, collections: whom it is for; none: everyone who has none of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    tenants: tuple[Name, ...] = ()
    collections: tuple[Name, ...] = ()
    dry_run: bool = False
    explain: bool = False
    rules: tuple[Rule, ...] = Field(min_length=1)
    hash: str = ""

    @field_validator("tenants", "collections")
    @classmethod
    def _named_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("one of them is named twice")
        return names

    def on(self, direction: Direction) -> tuple[Rule, ...]:
        """The rules for texts of this direction."""
        return tuple(rule for rule in self.rules if direction in rule.on)

    def scopes(self) -> Iterator[Scope]:
        """Every tenant and collection that it is for."""
        return product(self.tenants or (None,), self.collections or (None,))
