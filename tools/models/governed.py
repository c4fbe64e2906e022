"""A governed call: route, reserve, try one deployment after the other, settle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from state.errors import KairosError
from state.postgres.calls import Status
from tools.models import asked, shadow
from tools.models.answer_so_far import AnswerSoFar
from tools.models.call import Call
from tools.models.catalog import catalog
from tools.models.entry import Entry
from tools.models.facts import Decision
from tools.models.failover import Failover
from tools.models.faults import UpstreamError
from tools.models.guards import Guards, guards_of
from tools.models.reservation import RefusedError, Reservation
from tools.models.resources import Door
from tools.models.routed import cheaper, routed
from tools.models.spent import Usage, estimated, letters, usage_of
from tools.models.sse import Chunk
from tools.models.upstream import completion, object_of

MOST_CUTS = 2
"""A streamed answer is taken up again so often."""


class Governed:
    """One call on its way; `decision`, `reservation`, `failover` and the last asked `entry` say what came of it.

    What leaves has passed the guards: a refused answer ends with a plain sentence and is never asked for elsewhere.
    """

    def __init__(self, door: Door, call: Call) -> None:
        self.call = call
        self.entry: Entry | None = None
        self._streaming: Entry | None = None
        self._asked: Entry | None = None
        self.decision: Decision = routed(call, catalog.now(), door.statistics)
        self.reservation = Reservation(door.admission, call)
        self.failover = self._failover([candidate.entry for candidate in self.decision.candidates], door)
        self._door = door
        self._cuts = 0
        self.guards: Guards | None = None
        self._data: dict[str, Any] = {}

    async def whole(self) -> bytes:
        """The answer's bytes. Raises KairosError."""
        status: Status = "failed"
        code = ""
        try:
            self.guards = await guards_of(self.call)
            answer: bytes = await self._allowed(self._whole)
            if self.guards is not None and self.entry is not None:
                answer = await self.guards.whole(self.entry, answer, self._data)
                code = self.guards.code
            status = "ok"
            self._shadow()
            return answer
        except KairosError as error:
            status, code = _failed(error)
            raise
        except asyncio.CancelledError:
            status = "disconnected"
            raise
        finally:
            self._count_asked()
            self._settle(status, code)

    async def stream(self) -> AsyncGenerator[Chunk, None]:
        """The events of the answer, [DONE] last. Raises KairosError, before the first event or in the middle."""
        status: Status = "disconnected"
        code = ""
        so_far = AnswerSoFar()
        try:
            self.guards = await guards_of(self.call)
            async with aclosing(self._released(so_far)) as chunks:
                async for chunk in chunks:
                    yield chunk
            status, code = "ok", self.guards.code if self.guards else ""
            self._shadow()
        except KairosError as error:
            status, code = _failed(error)
            status = "cut" if so_far.text and status == "failed" else status
            raise
        finally:
            self._count(so_far)
            self._count_asked()
            self._settle(status, code)

    async def _whole(self, entry: Entry) -> bytes:
        call = await self._shown_to(entry, self.call)
        with self._asking(entry):
            answer = await asked.whole(self._door, entry, call)
        self.reservation.began()
        data = completion(answer) if self.call.path == "/chat/completions" else object_of(answer)
        self._add(entry, usage_of(data) or estimated(self.call.input_tokens, letters(data)))
        self._data = data
        return answer

    async def _shown_to(self, entry: Entry, call: Call) -> Call:
        return call if self.guards is None else await self.guards.shown_to(entry, call)

    def _released(self, so_far: AnswerSoFar) -> AsyncGenerator[Chunk, None]:
        """What of the answer has passed the guards; failover and restarts lie before them."""
        relayed = self._relayed(so_far)
        if self.guards is None:
            return relayed
        return self.guards.vetted(relayed, lambda: self._usage(so_far))

    def _usage(self, so_far: AnswerSoFar) -> dict[str, int] | None:
        """The usage of an answer that is stopped, if the caller wants to know it."""
        if not (self.call.body.get("stream_options") or {}).get("include_usage"):
            return None
        used = so_far.usage or estimated(self.call.input_tokens, so_far.letters)
        read, wrote = used.input_tokens, used.output_tokens
        return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}

    async def _relayed(self, so_far: AnswerSoFar) -> AsyncGenerator[Chunk, None]:
        opened = await self._allowed(partial(self._open, call=self.call))
        wants_usage = bool((self.call.body.get("stream_options") or {}).get("include_usage"))
        while True:
            first, rest = opened
            entry = self._streaming
            assert entry is not None  # noqa: S101 - set by _open
            try:
                chunks = _chain(first, rest)
                with self._door.statistics.streaming(entry.name):
                    async for chunk in self.guards.restored(entry, chunks) if self.guards else chunks:
                        sent = so_far.take(chunk)
                        if sent is not None and (wants_usage or not _is_usage_alone(sent)):
                            yield sent
                return
            except UpstreamError as error:
                self._door.statistics.failed(entry.name, error)
                self.failover.attempts.made.append((entry.name, error.kind))
                self._cuts += 1
                self._count(so_far)
                if not so_far.can_go_on or self._cuts >= MOST_CUTS:
                    raise error.explained(entry.name) from None
                again = replace(self.call, body=so_far.begin_again(self.call.body), raw=None)
            finally:
                await rest.aclose()
            opened = await self._allowed(partial(self._open, call=again), but=entry.name)

    async def _open(self, entry: Entry, call: Call) -> tuple[Chunk, Any]:
        events = await asked.events(self._door, entry, await self._shown_to(entry, call))
        with self._asking(entry):
            try:
                first = await anext(events)
            except StopAsyncIteration:
                raise UpstreamError("bad_answer") from None
        if first.data is None:
            raise UpstreamError("bad_answer")
        self.reservation.began()
        self._streaming = entry
        return first, events

    @contextmanager
    def _asking(self, entry: Entry) -> Iterator[None]:
        """While a deployment reads the request; one that fails is not paid, one that nobody waits for any more is."""
        self.entry = self._asked = entry
        try:
            yield
        except UpstreamError:
            self._asked = None
            raise
        self._asked = None

    async def _allowed(self, attempt: Any, but: str | None = None) -> Any:
        """Fail over; where a spent budget asks for it, among what is cheaper."""
        try:
            return await self.failover.run(attempt, but=but)
        except RefusedError as refusal:
            others = cheaper(
                self.call, catalog.now(), self._door.statistics, self.entry or self.failover.candidates[0]
            )
            if not (refusal.downgrades and others):
                raise
            self.failover = self._failover(others, self._door)
            return await self.failover.run(attempt, but=but)

    def _failover(self, candidates: Sequence[Entry], door: Door) -> Failover:
        return Failover(candidates, door.statistics, self.reservation.hold)

    def _count(self, so_far: AnswerSoFar) -> None:
        """Count what the present deployment has streamed, once."""
        if self._streaming is not None:
            usage = so_far.usage or estimated(self.call.input_tokens, so_far.letters)
            self._add(self._streaming, usage)
            so_far.usage, so_far.letters = None, 0
            self._streaming = None

    def _count_asked(self) -> None:
        """The caller has left before the answer began: what was read is paid for."""
        if self._asked is not None:
            self._add(self._asked, estimated(self.call.input_tokens, 0))

    def _add(self, entry: Entry, usage: Usage) -> None:
        self.reservation.add(entry, usage)
        self._door.statistics.used(entry, tokens=usage.input_tokens + usage.output_tokens)

    def _settle(self, status: Status, code: str) -> None:
        made = self.failover.attempts.made
        reasons = [f"{c.entry.name}: {c.reason}" for c in self.decision.candidates]
        self.reservation.settle(status, code, [*reasons, *self.failover.attempts.reasons()], len(made))

    def _shadow(self) -> None:
        shadow.send(
            self._door, self.call, self.decision.shadow, lambda copy: Governed(self._door, copy).whole()
        )


async def _chain(first: Chunk, rest: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    yield first
    async for chunk in rest:
        yield chunk


def _is_usage_alone(chunk: Chunk) -> bool:
    return chunk.data is not None and not chunk.data["choices"]


def _failed(error: KairosError) -> tuple[Status, str]:
    return ("refused" if isinstance(error, RefusedError) else "failed"), error.code
