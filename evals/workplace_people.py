"""The people of the workplace suite: who they are to the platform, and what they say when they are asked."""

from collections.abc import Sequence
from uuid import UUID

from evals.workplace_runs import HELD, Run
from evals.workplace_tasks import Said
from state.agent import PlannedCall
from state.errors import KairosError
from state.identity import Identity
from tools.acting.answering import answer
from tools.acting.asking import approval_id

GROUPS = {
    "maeve.doran": ("directors",),
    "orla.hayes": ("finance",),
    "niall.burke": ("finance",),
    "dana.novak": ("it",),
}
TENANT = "skerrow"


def person(name: str) -> Identity:
    """Somebody of the workplace."""
    return Identity(TENANT, name, GROUPS.get(name, ()))


class People:
    """Those who are asked: they say what the task says they do, in order."""

    def __init__(self, asker: str, answers: Sequence[Said] | str, done: Run) -> None:
        self._asker, self._done = asker, done
        self._policy = answers if isinstance(answers, str) else ""
        self._left = [] if isinstance(answers, str) else list(answers)

    @property
    def unasked(self) -> list[str]:
        """What they had to say and nobody asked for."""
        return [f"nobody was asked: {said}" for said in self._left]

    async def answer(self, waiting: Sequence[PlannedCall]) -> bool:
        """Whether somebody had something to say."""
        said = [await self._about(call) for call in waiting]
        return any(said)

    async def _about(self, call: PlannedCall) -> bool:
        spoke = 0
        while (one := self._next(call, spoke)) is not None:
            spoke += 1
            self._done.asked.append((call["description"], one.say))
            if await self._said(call, one):
                break
        return spoke > 0

    def _next(self, call: PlannedCall, spoke: int) -> Said | None:
        """Who speaks next; without a script whoever may answer does, the asker first."""
        if not self._policy:
            return self._left.pop(0) if self._left else None
        declines = self._policy == "no" or (self._policy == "careful" and HELD in call["description"])
        people = (self._asker, "orla.hayes", "niall.burke", "maeve.doran")
        return Said(by=people[spoke], say="ignore" if declines else "accept") if spoke < len(people) else None

    async def _said(self, call: PlannedCall, said: Said) -> bool:
        """Whether it is decided then."""
        identity = person(said.by or self._asker)
        try:
            row = await answer(identity, UUID(str(approval_id(call))), said.say, said.args)
        except KairosError as error:
            if not said.fails and not self._policy:
                self._done.wrong.append(f"the answer was not taken: {error.sentence}")
            return False
        if said.fails:
            self._done.wrong.append(f"the answer of {identity.principal} was taken")
        return bool(row["status"] != "pending")
