"""LangGraph's Postgres saver on our pool: no lock, one round trip a write, copying and expiry added.

Under durability `async` a run's intermediate steps are committed without waiting for the disk. Its last
checkpoint, interrupts, errors and everything under `sync` do wait; Postgres writes its log in order, so they
bring all steps before them to disk (docs/adr/0002).
"""

import asyncio
import math
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    get_serializable_checkpoint_metadata,
)
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import TASKS, _DeltaSnapshot
from psycopg import AsyncCursor
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from state.errors import KairosError
from state.postgres import checkpoint_sql as sql
from state.postgres.pool import Pool, connection, open_pool

_NO_JSON = re.compile("[\x00\ud800-\udfff]")
LOOK_S = 0.005
PLAIN = (type(None), str, bytes, int, float)
FEW, MANY = 8, 100


class Saver(AsyncPostgresSaver):
    """The saver of every Kairos graph; values come back as plain data and LangChain's own types only."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool, serde=JsonPlusSerializer(allowed_msgpack_modules=None))

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[AsyncCursor[DictRow]]:
        async with (
            connection() as found,
            found.pipeline() if pipeline else nullcontext(),
            found.cursor(binary=True) as cursor,
        ):
            yield cursor

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint and the channel values that are new in it, in one statement."""
        place = config["configurable"]
        thread, ns = str(place["thread_id"]), place["checkpoint_ns"]
        values, inline = _parted(checkpoint["channel_values"])
        versions = {name: version for name, version in new_versions.items() if name in values}
        rows = await _dumped(
            self._dump_blobs, [values[name] for name in versions], thread, ns, values, versions
        )
        parameters = {
            "thread": thread,
            "ns": ns,
            "id": checkpoint["id"],
            "parent": place.get("checkpoint_id"),
            **_columns(rows, 2, ("channels", "versions", "types", "blobs")),
            "checkpoint": Jsonb({**checkpoint, "channel_values": inline}),
            "metadata": Jsonb(get_serializable_checkpoint_metadata(config, metadata)),
        }
        commit = sql.RELAXED if _more_follows(config, checkpoint, metadata) else sql.SETTLED
        async with self._cursor() as cursor:
            await cursor.execute(sql.PUT.format(commit=commit), parameters, prepare=True)
        stored = {"thread_id": thread, "checkpoint_ns": ns, "checkpoint_id": checkpoint["id"]}
        return {"configurable": stored}

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Store what a task wrote. Special channels (errors, interrupts) replace what stood there."""
        place = config["configurable"]
        key = (str(place["thread_id"]), place["checkpoint_ns"], place["checkpoint_id"], task_id, task_path)
        rows = await _dumped(self._dump_writes, [value for _, value in writes], *key, writes)
        special = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        if special:
            # A statement may replace a row once only: of two writes to one place the last counts.
            rows = list({row[5]: row for row in rows}.values())
        parameters = {
            **dict(zip(("thread", "ns", "id", "task", "path"), key, strict=True)),
            **_columns(rows, 5, ("idx", "channels", "types", "blobs")),
        }
        relaxed = _is_async(config) and not any(channel in WRITES_IDX_MAP for channel, _ in writes)
        statement = sql.PUT_WRITES.format(commit=sql.RELAXED if relaxed else sql.SETTLED)
        statement += sql.REPLACE if special else sql.KEEP
        async with self._cursor() as cursor:
            await cursor.execute(statement, parameters, prepare=True)

    async def adelete_for_runs(self, run_ids: Iterable[str]) -> None:
        """Delete the checkpoints that these runs made, with their writes and the values only they held."""
        async with self._cursor() as cursor:
            await cursor.execute(sql.DELETE_FOR_RUNS, {"runs": [str(run) for run in run_ids]})

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy all checkpoints, values and writes of a thread to another; ids stay the same."""
        async with self._cursor() as cursor:
            await cursor.execute(
                sql.COPY_THREAD, {"source": str(source_thread_id), "target": str(target_thread_id)}
            )


async def open_saver() -> Saver:
    """The saver on this event loop's pool."""
    return Saver(await open_pool())


async def settled(thread_id: str, checkpoint_id: str, seconds: float = 5.0) -> None:
    """Wait until a checkpoint is stored: a crash from then on leads back to it. Raises KairosError not_checkpointed."""
    for _ in range(round(seconds / LOOK_S)):
        async with connection() as found:
            cursor = await found.execute(
                "SELECT 1 FROM checkpoints WHERE thread_id = %s AND checkpoint_id = %s",
                (thread_id, checkpoint_id),
            )
            if await cursor.fetchone():
                return
        await asyncio.sleep(LOOK_S)
    raise KairosError(
        "not_checkpointed",
        "Nothing was done: this run is not checkpointed as it goes, and after a crash it would be done twice.",
    )


async def prune(thread_ids: Sequence[str]) -> None:
    """Keep only the latest checkpoint of these threads: for finished threads that only read."""
    await (await open_saver()).aprune(thread_ids, strategy="keep_latest")


async def expire_threads(older_than: timedelta) -> int:
    """Delete all checkpoints of the threads untouched for `older_than`; how many threads those were."""
    saver = await open_saver()
    async with connection() as found:
        rows = await (await found.execute(sql.EXPIRED, (older_than,))).fetchall()
    await saver.aprune([row["thread_id"] for row in rows], strategy="delete")
    return len(rows)


def _parted(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Channel values for the table of blobs, and those that stay in the checkpoint."""
    blobs: dict[str, Any] = {}
    inline: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, _DeltaSnapshot):
            blobs[name], inline[name] = value, True
        elif _fits_json(value):
            inline[name] = value
        else:
            blobs[name] = value
    return blobs, inline


def _fits_json(value: Any) -> bool:
    """Whether it is a scalar that Postgres's JSON holds: no NUL character, lone surrogate, NaN or infinity."""
    if isinstance(value, str):
        return not _NO_JSON.search(value)
    return value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


async def _dumped(dump: Any, values: list[Any], *arguments: Any) -> list[tuple[Any, ...]]:
    """Serialised here, or in a thread where that would hold up the event loop."""
    rows: list[tuple[Any, ...]]
    rows = dump(*arguments) if _is_small(values) else await asyncio.to_thread(dump, *arguments)
    return rows


def _is_small(values: list[Any], limit: int = 2_000) -> bool:
    """Whether `values` hold few objects (a message counts as ten): about a millisecond to serialise.

    Of a long list the first and the last element speak for all: to count each would cost as much as it saves.
    """
    return sum(map(_objects, values)) < limit


def _objects(value: Any, depth: int = 16) -> int:
    """The objects in a value, roughly; what is nested deeper counts as many."""
    if isinstance(value, PLAIN):
        return 1
    if not isinstance(value, dict | list | tuple):
        return 10
    if depth == 0:
        return MANY
    inside = list(value.values()) if isinstance(value, dict) else value
    if len(inside) > FEW:
        return len(inside) * (_objects(inside[0], depth - 1) + _objects(inside[-1], depth - 1)) // 2
    return 1 + sum(_objects(one, depth - 1) for one in inside)


def _columns(rows: list[tuple[Any, ...]], first: int, names: tuple[str, ...]) -> dict[str, list[Any]]:
    return {name: [row[first + index] for row in rows] for index, name in enumerate(names)}


def _is_async(config: RunnableConfig) -> bool:
    return bool(config["configurable"].get("__pregel_durability", "async") == "async")


def _more_follows(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata) -> bool:
    """Whether this is an intermediate step of a run whose durability is `async`."""
    if not _is_async(config) or metadata.get("source") not in ("input", "loop"):
        return False
    updated = checkpoint.get("updated_channels") or []
    return any(name in ("__start__", TASKS) or name.startswith("branch:to:") for name in updated)
