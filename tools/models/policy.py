"""The routing policy: the part `routing` of the catalog file."""

from collections.abc import Iterable, Iterator
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.models.entry import Name

Order = Literal["preference", "cost", "latency"]


class Share(BaseModel):
    """A model and the share of requests, above 0 and up to 1, that it gets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Name
    share: float = Field(gt=0, le=1, allow_inf_nan=False)


class Rule(BaseModel):
    """What holds for the requests of a tenant, of a group, of both, or (with neither) for all.

    Of several rules that hold, each restriction counts; the first canary and the first shadow are taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: Name | None = None
    group: Name | None = None
    allow: tuple[Name, ...] | None = Field(default=None, min_length=1)
    deny: tuple[Name, ...] = ()
    regions: tuple[Name, ...] | None = Field(default=None, min_length=1)
    retention: tuple[Name, ...] | None = Field(default=None, min_length=1)
    canary: Share | None = None
    shadow: Share | None = None


class Policy(BaseModel):
    """How the door chooses among the models that can serve a request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: Order = "preference"
    fallbacks: dict[Name, tuple[Name, ...]] = {}
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _no_circle(self) -> Self:
        for name, others in self.fallbacks.items():
            if name in others:
                raise ValueError(f"the model {name!r} cannot be a fallback of itself")
        return self

    def rules_for(self, tenant: str, groups: Iterable[str]) -> tuple[Rule, ...]:
        """The rules that hold for somebody, in their order."""
        held = set(groups)
        return tuple(
            rule
            for rule in self.rules
            if rule.tenant in (None, tenant) and (rule.group is None or rule.group in held)
        )

    def named(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every model that the policy names, with its place in the policy."""
        for origin, others in self.fallbacks.items():
            yield ("fallbacks", origin), origin
            yield from ((("fallbacks", origin, place), name) for place, name in enumerate(others))
        for number, rule in enumerate(self.rules):
            for key, names in (("allow", rule.allow or ()), ("deny", rule.deny)):
                yield from ((("rules", number, key, place), name) for place, name in enumerate(names))
            for key, share in (("canary", rule.canary), ("shadow", rule.shadow)):
                if share is not None:
                    yield ("rules", number, key, "model"), share.model
