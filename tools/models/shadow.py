"""A copy of a call for a deployment whose answer nobody sees."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from state.errors import KairosError
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.resources import Door

FEATURE = "shadow"


def send(door: Door, call: Call, entry: Entry | None, ask: Callable[[Call], Awaitable[object]]) -> None:
    """Have `ask` send the copy, if there is such a deployment; the door waits for it when it closes."""
    if entry is None or call.caller.feature == FEATURE:
        return
    task = asyncio.create_task(_sent(call, entry, ask))
    door.shadows.add(task)
    task.add_done_callback(door.shadows.discard)


async def _sent(call: Call, entry: Entry, ask: Callable[[Call], Awaitable[object]]) -> None:
    body = {name: value for name, value in call.body.items() if name not in ("stream", "stream_options")}
    caller = replace(call.caller, feature=FEATURE)
    with suppress(KairosError):  # its row in the ledger says so
        await ask(replace(call, id=uuid4(), caller=caller, body=body, raw=None, asked=entry.name))
