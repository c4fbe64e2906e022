"""The session over which a process admits and settles calls: one statement and one round trip a batch."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from psycopg import DataError, Error, IntegrityError
from psycopg.errors import DeadlockDetected, ProgramLimitExceeded, SerializationFailure, UniqueViolation
from psycopg.rows import tuple_row

from state.errors import KairosError
from state.postgres.calls import CallRecord
from state.postgres.connect import connect
from state.postgres.pool import Connection, conninfo
from state.postgres.verdicts import Ask, Verdict, verdict

T = TypeVar("T")

ADMIT = "SELECT a.* FROM admit_calls(%s::jsonb, %s::jsonb, %s::uuid[]) AS a"
RELAXED_ADMIT = f"{ADMIT}, (SELECT set_config('synchronous_commit', 'off', true)) AS relaxed"
"""Asks alone do not wait for the disk: a call whose reservation a crash has taken is counted by its settlement."""
SETUP = (
    # The plans are made once, for tables that may still be empty.
    "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; SET jit = off; SET statement_timeout = 5000"
)
CONNECT_S = 3.0
ANSWER_S = 6.0
TRIES = 5
AGAIN = (DeadlockDetected, SerializationFailure, UniqueViolation)
"""Another batch was in the way, or this one's first try, whose answer was lost, is still at work."""
UNUSABLE = (DataError, IntegrityError, ProgramLimitExceeded, TypeError, ValueError, AttributeError)
"""Something in the batch is such that no database would take it; whatever else goes wrong may pass."""


class Link:
    """A session of its own beside the pool, opened when needed; a lost one is replaced. For one task at a time."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    async def send(self, asks: Sequence[Ask], records: Sequence[CallRecord]) -> list[Verdict]:
        """Settle the records, then decide the asks in their order; the verdicts of these. Both may be sent again.

        Raises KairosError database_unavailable; UNUSABLE if it cannot take what was sent.
        """
        # Of two settlements in a batch the first one counts, as of two in different ones.
        records = list({record.id: record for record in reversed(records)}.values())
        given = (
            _json([_ask(n, ask) for n, ask in enumerate(asks)]),
            _json([_record(record) for record in records]),
            [str(ask.id) for ask in asks] + [str(record.id) for record in records],
        )
        rows = sorted(await self._answered(ADMIT if records else RELAXED_ADMIT, given))
        return [verdict(ask, *row[1:]) for ask, row in zip(asks, rows, strict=True)]

    async def sweep(self) -> None:
        """Count as lost what was not settled in time. Raises KairosError database_unavailable."""
        await self._answered("SELECT sweep_reservations()", ())

    async def close(self) -> None:
        """End the session."""
        found, self._connection = self._connection, None
        if found is not None:
            await found.close()

    async def _answered(self, statement: str, given: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        for left in reversed(range(TRIES)):
            # A session that was idle may be dead without its database being gone: only a new one proves that.
            was_open = self._connection is not None
            try:
                return await self._execute(statement, given)
            except AGAIN as error:
                if left == 0:
                    raise _unavailable(error) from error
            except UNUSABLE:
                raise
            except (Error, TimeoutError, OSError) as error:
                await self.close()
                if not was_open or isinstance(error, TimeoutError):
                    raise _unavailable(error) from error
            except asyncio.CancelledError:
                await self.close()
                raise
        raise KairosError("database_unavailable", "The database ends every session of the admissions.")

    async def _execute(self, statement: str, given: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        found = self._connection or await self._opened()
        async with asyncio.timeout(ANSWER_S), found.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(statement, given, prepare=True)
            return await cursor.fetchall()

    async def _opened(self) -> Connection:
        where = await conninfo()
        async with asyncio.timeout(CONNECT_S):
            made = await connect(where)
            try:
                await made.execute(SETUP)
            except BaseException:
                await made.close()
                raise
        self._connection = made
        return made


def parts(
    asks: Sequence[T], records: Sequence[CallRecord]
) -> Iterator[tuple[Sequence[T], Sequence[CallRecord]]]:
    """A batch of two or more in two, its settlements first."""
    if asks and records:
        yield [], records
        yield asks, []
    else:
        middle = max(len(asks), len(records)) // 2
        yield asks[:middle], records[:middle]
        yield asks[middle:], records[middle:]


def _unavailable(error: BaseException) -> KairosError:
    cause = " ".join(str(error).split()) if isinstance(error, Error) else f"no answer in {ANSWER_S:.0f} s"
    return KairosError("database_unavailable", f"The database cannot be reached: {cause or 'it is gone'}.")


def _json(value: object) -> str:
    # Postgres can hold neither half a surrogate pair nor a zero byte.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _text(value: str | None) -> str | None:
    return value.replace("\0", "\ufffd") if value else value


def _ask(n: int, ask: Ask) -> dict[str, Any]:
    return {
        "n": n,
        "id": str(ask.id),
        "tenant": _text(ask.tenant),
        "principal": _text(ask.user),
        "team": _text(ask.team),
        "key": ask.key,
        "run": _text(ask.run),
        "model": _text(ask.model),
        "deployment": _text(ask.deployment),
        "tokens": ask.tokens,
        "nano_usd": ask.nano_usd,
        "seconds": ask.seconds,
    }


def _record(record: CallRecord) -> dict[str, Any]:
    return {
        "id": str(record.id),
        "tenant": _text(record.tenant),
        "principal": _text(record.user),
        "team": _text(record.team),
        "key": record.key,
        "feature": _text(record.feature),
        "node": _text(record.node),
        "model": _text(record.model),
        "deployment": _text(record.deployment),
        "input_tokens": record.input_tokens,
        "cached_tokens": record.cached_tokens,
        "output_tokens": record.output_tokens,
        "nano_usd": record.nano_usd,
        "seconds": record.seconds,
        "first_token_s": record.first_token_s,
        "attempts": record.attempts,
        "route": [_text(reason) for reason in record.route],
        "prompt_hash": _text(record.prompt_hash),
        "trace_id": _text(record.trace_id),
        "run": _text(record.run),
        "status": record.status,
        "code": _text(record.code),
        "created_at": record.at.isoformat(),
    }
