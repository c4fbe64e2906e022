"""From a Pydantic model to a validated object: whoever answers is asked in the best way that it knows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from pydantic import BaseModel

from state.assistant import Usage
from state.caller import Caller
from state.errors import KairosError
from tools.models.call import Call
from tools.models.catalog import choose
from tools.models.entry import Role
from tools.models.filled import MisfitError, fitting, written
from tools.models.form import Form, asked_again, form
from tools.models.governed import Governed
from tools.models.opened import door
from tools.models.usage import added

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

MOST_REPAIRS = 2
"""A model is shown its wrong answer so often."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Structured(Generic[M]):
    """The object, the deployment that gave it, and what all calls took together: usage, attempts at deployments."""

    value: M
    model: str
    usage: Usage
    attempts: int


async def structured(
    schema: type[M],
    messages: Sequence[BaseMessage],
    role: Role,
    caller: Caller,
    preferred: str | None = None,
    prompt_hash: str = "",
) -> Structured[M]:
    """Ask whoever serves the role for an object of `schema`, which has to be a JSON object.

    An answer that does not fit is shown to a model with what is wrong, twice at most; each is a call of its own in
    budgets and ledger. Raises KairosError model_bad_answer, with the first wrong field, and as the chat model does; of
    an answer that the guards refuse, their code.
    """
    from langchain_core.messages import convert_to_openai_messages

    entry = await asyncio.to_thread(choose, role, preferred)
    if entry.provider == "extractive":
        raise KairosError(
            "model_unavailable", f"The model {entry.name!r} only quotes; it cannot fill in {schema.__name__}."
        )
    asking = _Asking(caller, role, preferred, prompt_hash, form(schema))
    given = convert_to_openai_messages(list(messages))
    more: list[dict[str, str]] = []
    for _ in range(1 + MOST_REPAIRS):
        name, choice = await asking.once([*given, *more])
        answer = written(name, choice)
        try:
            value = fitting(schema, answer, choice.get("finish_reason"))
        except MisfitError as misfit:
            more, wrong = asked_again(answer, misfit.problems), misfit.problems[0]
        else:
            return Structured(value, name, asking.usage, asking.attempts)
    says = f"The model {name!r} gave no valid {schema.__name__} in {1 + MOST_REPAIRS} answers: {wrong}."
    raise KairosError("model_bad_answer", says)


@dataclass(slots=True)
class _Asking:
    """The calls for one object, and what they took together."""

    caller: Caller
    role: Role
    preferred: str | None
    prompt_hash: str
    form: Form
    usage: Usage = field(default_factory=lambda: Usage(input_tokens=0, output_tokens=0, cost=0.0))
    attempts: int = 0

    async def once(self, messages: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
        """Who answered, and the first choice; what a deployment refuses as invalid is asked in the next way."""
        while True:
            governed = Governed(await door(), self._call(messages))
            try:
                answer = await governed.whole()
            except KairosError as error:
                way = self.form.way(governed.entry) if governed.entry else "prompt"
                if error.code != "model_refused" or way == "prompt":
                    raise
                self.form = self.form.after(way)
                continue
            finally:
                self._count(governed)
            if governed.guards is not None and (refused := governed.guards.refusal) is not None:
                raise KairosError(refused["code"], refused["sentence"])  # asking again would only repeat it
            assert governed.entry is not None  # noqa: S101 - somebody answered
            return governed.entry.name, orjson.loads(answer)["choices"][0]

    def _call(self, messages: Sequence[Mapping[str, Any]]) -> Call:
        return Call(
            self.caller,
            {"messages": messages},
            asked=self.preferred,
            role=self.role,
            prompt_hash=self.prompt_hash,
            form=self.form,
        )

    def _count(self, governed: Governed) -> None:
        used, nano = governed.reservation.usage, governed.reservation.nano_usd
        cost = None if nano is None else nano / 1e9
        took = Usage(input_tokens=used.input_tokens, output_tokens=used.output_tokens, cost=cost)
        self.usage = added(self.usage, took)
        self.attempts += len(governed.failover.attempts.made)
