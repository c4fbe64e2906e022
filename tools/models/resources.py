"""What the calls of one event loop share: the admission, connections, and what is known of the deployments."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from state.postgres.admission import Admission
from tools.models.entry import Entry
from tools.models.live import Statistics
from tools.models.sharing import Sharing
from tools.models.upstream import Upstream

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(slots=True)
class Door:
    """One an event loop; `shadows` are calls whose answers nobody waits for."""

    admission: Admission
    statistics: Statistics = field(default_factory=Statistics)
    upstream: Upstream = field(default_factory=Upstream)
    shadows: set[asyncio.Task[None]] = field(default_factory=set)
    clients: dict[Entry, BaseChatModel] = field(default_factory=dict)
    sharing: Sharing | None = None

    async def client(self, entry: Entry) -> BaseChatModel:
        """The LangChain client of a deployment that speaks another protocol; retries are the failover's."""
        if entry not in self.clients:
            from tools.models.providers import make

            self.clients.setdefault(entry, await asyncio.to_thread(make, entry, 0))
        return self.clients[entry]

    def share(self) -> None:
        """Tell other processes of breakers that open, and hear of theirs: for servers."""
        self.sharing = Sharing(self.statistics)
        self.sharing.start()

    async def close(self) -> None:
        """Settle what is open and close the connections."""
        for task in self.shadows:
            task.cancel()
        await asyncio.gather(*self.shadows, return_exceptions=True)
        if self.sharing is not None:
            await self.sharing.close()
        await self.admission.close()
        await self.upstream.close()
        for client in self.clients.values():
            from tools.models.providers import close

            await close(client)
