"""What a call has reserved of its budgets, and what it came to in the end."""

import asyncio
import time
from collections.abc import Sequence

from state.errors import KairosError
from state.postgres.admission import Admission
from state.postgres.calls import CallRecord, Status
from state.postgres.verdicts import Ask, Verdict
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.faults import UpstreamError
from tools.models.spent import Usage, nano_usd

QUEUE_S = 30.0
"""A call waits so long for a budget or a limit whose policy is to queue."""
LOST_AFTER_S = 900.0
"""A call whose process is gone counts as lost, and as wholly spent, after so long."""


class RefusedError(KairosError):
    """A call that a limit or a budget does not allow. `retry_after` in seconds, if waiting helps."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.code, verdict.sentence)
        self.retry_after = verdict.retry_after
        self.downgrades = verdict.policy == "downgrade"


class Reservation:
    """One call's: `hold` before every attempt, `add` what an attempt used, `settle` once at the end."""

    def __init__(self, admission: Admission, call: Call) -> None:
        self.verdict: Verdict | None = None
        self.first_token_s: float | None = None
        self.nano_usd: int | None = 0
        self._admission, self._call = admission, call
        self._started = time.monotonic()
        self._used: list[Usage] = []
        self._held = 0
        self._entry: Entry | None = None

    async def hold(self, entry: Entry) -> None:
        """Reserve what the call may cost there besides what it has cost. Raises RefusedError or UpstreamError."""
        bound = (self.nano_usd or 0) + self._bound(entry)
        self._entry = entry
        if self.verdict is not None and bound <= self._held:
            return
        ask = self._ask(entry, bound)
        ask_for = self._admission.admit if self.verdict is None else self._admission.extend
        verdict = await ask_for(ask)
        deadline = time.monotonic() + QUEUE_S
        while not verdict.admitted and verdict.policy == "queue" and time.monotonic() < deadline:
            await asyncio.sleep(min(verdict.retry_after or 1.0, max(0.05, deadline - time.monotonic())))
            verdict = await ask_for(ask)
        if not verdict.admitted:
            if verdict.of == "model" and verdict.policy != "queue":  # others may take the call
                raise UpstreamError("limited", retry_after=verdict.retry_after)
            raise RefusedError(verdict)
        self.verdict, self._held = verdict, bound
        if verdict.remaining_nano_usd is not None and not entry.priced:
            raise UpstreamError("unpriced")

    def add(self, entry: Entry, usage: Usage) -> None:
        """Count what an attempt used; an unknown price makes the whole cost unknown."""
        self._used.append(usage)
        cost = nano_usd(entry, usage)
        self.nano_usd = None if cost is None or self.nano_usd is None else self.nano_usd + cost

    @property
    def usage(self) -> Usage:
        """The tokens of all attempts together."""
        return Usage(
            sum(usage.input_tokens for usage in self._used),
            sum(usage.output_tokens for usage in self._used),
            sum(usage.cached_tokens for usage in self._used),
        )

    def settle(self, status: Status, code: str, route: Sequence[str], attempts: int) -> None:
        """Write the ledger's row and give back what was not used."""
        call, caller, usage = self._call, self._call.caller, self.usage
        self._admission.settle(
            CallRecord(
                id=call.id,
                tenant=caller.identity.tenant,
                user=caller.identity.principal,
                team=caller.identity.paying_team,
                key=caller.identity.key,
                run=caller.run,
                feature=caller.feature,
                node=caller.node,
                model=call.asked or call.role,
                deployment=self._entry.name if self._entry else "",
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
                nano_usd=self.nano_usd,
                seconds=time.monotonic() - self._started,
                first_token_s=self.first_token_s,
                attempts=attempts,
                route=tuple(route),
                prompt_hash=call.prompt_hash,
                trace_id=caller.trace_id,
                status=status,
                code=code,
            )
        )

    def began(self) -> None:
        """The first part of an answer is here."""
        if self.first_token_s is None:
            self.first_token_s = time.monotonic() - self._started

    def _bound(self, entry: Entry) -> int:
        most = Usage(self._call.input_tokens, self._call.output_bound(entry))
        return nano_usd(entry, most) or 0

    def _ask(self, entry: Entry, bound: int) -> Ask:
        call, caller = self._call, self._call.caller
        return Ask(
            id=call.id,
            tenant=caller.identity.tenant,
            user=caller.identity.principal,
            team=caller.identity.paying_team,
            key=caller.identity.key,
            run=caller.run,
            model=call.asked or call.role,
            deployment=entry.name,
            tokens=call.input_tokens + call.output_bound(entry),
            nano_usd=bound,
            seconds=LOST_AFTER_S,
        )
