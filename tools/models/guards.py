"""What a guard policy makes of one call: what models are shown of the request, and what leaves of their answer."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import orjson

from state.guard import GuardVerdict
from tools.guard.check import About
from tools.guard.conversation import Shown
from tools.guard.policy import choosing
from tools.guard.policy.rules import Policy
from tools.models import shadow
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.restored import Restored
from tools.models.sse import DONE, Chunk
from tools.models.vetted import Vetted
from tools.models.vetted_choice import FILTERED
from tools.passages import parse, without_passages


class Guards:
    """One call's. Where no rule applies, everything passes as it is."""

    def __init__(self, policy: Policy, call: Call) -> None:
        about = about_of(call)
        shown = Shown(policy, about)
        n = call.body.get("n")
        vets = policy.on("output") and call.caller.feature != shadow.FEATURE  # nobody sees its answer
        self._policy = policy
        self._shown = shown if shown.hides(is_local=False) else None
        self._vetted = Vetted(policy, about, n if isinstance(n, int) else 1) if vets else None
        self._restored: list[Restored] = []

    @property
    def are_needed(self) -> bool:
        """Whether any rule may change anything."""
        return self._vetted is not None or self._shown is not None

    @property
    def verdicts(self) -> list[GuardVerdict]:
        """On the answer so far."""
        found = [one for restored in self._restored for one in restored.verdicts]
        return [*found, *(self._vetted.verdicts if self._vetted else ())]

    @property
    def refusal(self) -> GuardVerdict | None:
        """Why the answer was stopped, if it was."""
        return self._vetted.refusal if self._vetted else None

    @property
    def code(self) -> str:
        """For the ledger: content_filter where an answer was stopped."""
        return FILTERED if self.refusal else ""

    async def shown_to(self, entry: Entry, call: Call) -> Call:
        """The call as a deployment may see it. Raises KairosError check_failed."""
        if self._shown is None:
            return call
        messages = await self._shown.messages(call.body["messages"], entry.local)
        return call if messages is None else call.with_messages(messages)

    def restored(self, entry: Entry, chunks: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
        """What a deployment streams, with the asker's values."""
        return chunks if (restored := self._restoring(entry)) is None else restored.stream(chunks)

    async def vetted(
        self, chunks: AsyncGenerator[Chunk, None], usage: Callable[[], Mapping[str, int] | None]
    ) -> AsyncGenerator[Chunk, None]:
        """What may leave of a stream. `usage()`: what it took so far, for one that is stopped; None: nobody asks."""
        async with aclosing(chunks):
            if self._vetted is None:
                async for chunk in chunks:
                    yield chunk
                return
            async for chunk in self._sentences(self._vetted, chunks):
                yield chunk
            if self._vetted.is_stopped and (used := usage()) is not None:
                yield Chunk.of({**self._vetted.envelope(), "choices": [], "usage": used})
            yield Chunk(DONE, None)

    async def _sentences(self, guard: Vetted, chunks: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
        async for chunk in chunks:
            sent = await (guard.end() if chunk.data is None else guard.chunk(chunk.data))
            if sent is not None:
                yield Chunk.of(sent)
            if guard.is_stopped:
                return

    async def whole(self, entry: Entry, answer: bytes, data: Mapping[str, Any]) -> bytes:
        """What may leave of a whole answer: its very bytes, if nothing has to change."""
        left = await self.answered(entry, data)
        return answer if left is data else orjson.dumps(left)

    async def answered(self, entry: Entry, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What may leave of a whole answer: the very object, if nothing has to change."""
        if (restored := self._restoring(entry)) is not None:
            with_values = restored.whole(data)
            data = data if with_values == data else with_values
        left = None if self._vetted is None else await self._vetted.whole(data)
        return data if left is None else left

    def _restoring(self, entry: Entry) -> Restored | None:
        if self._shown is None or not self._shown.hides(entry.local):
            return None
        self._restored.append(Restored(self._shown, f"{self._policy.name}:{self._policy.hash}"))
        return self._restored[-1]


async def guards_of(call: Call) -> Guards | None:
    """The guards of a call; None where none apply. Raises KairosError guards_invalid."""
    if call.path != "/chat/completions":
        return None
    policy = await choosing.policy_for(call.caller.identity.tenant)
    if not policy.rules:
        return None
    guards = Guards(policy, call)
    return guards if guards.are_needed else None


def about_of(call: Call) -> About:
    """What the model was shown, and what was asked last; system prompts are ours where they hold a canary."""
    messages = [one for one in call.body.get("messages", ()) if isinstance(one, Mapping)]
    texts = [(str(one.get("role")), text) for one in messages for text in texts_of(one)]
    asked = next((text for role, text in reversed(texts) if role == "user" and without_passages(text)), "")
    return About(
        identity=call.caller.identity,
        question=without_passages(asked),
        given=given([text for _, text in texts]),
        canary=call.canary,
        system="\n".join(without_passages(text) for role, text in texts if role == "system" and call.canary),
    )


def given(texts: list[str]) -> tuple[str, ...]:
    """Texts that a model was shown, and its passages without their markup."""
    plain = (passage.text for text in texts if "<passage" in text and "&" in text for passage in parse(text))
    return (*texts, *plain)


def texts_of(message: Mapping[str, Any]) -> list[str]:
    """The texts of one message of the OpenAI protocol."""
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    return [part["text"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("text"), str)]
