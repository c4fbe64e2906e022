"""The door of the running event loop; its connections belong to the loop that opened them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.models.resources import Door

_open: dict[asyncio.AbstractEventLoop, Door] = {}


async def door() -> Door:
    """The door, opened on first use. Raises KairosError catalog_invalid."""
    loop = asyncio.get_running_loop()
    if loop not in _open:
        from state.postgres.admission import Admission
        from tools.models.catalog import catalog
        from tools.models.resources import Door

        await asyncio.to_thread(catalog)  # read here once: afterwards it never blocks
        for closed in [other for other in _open if other.is_closed()]:
            del _open[closed]
        _open.setdefault(loop, Door(Admission()))
    return _open[loop]


async def close_door() -> None:
    """Settle and close what the running event loop has opened."""
    if (found := _open.pop(asyncio.get_running_loop(), None)) is not None:
        await found.close()
