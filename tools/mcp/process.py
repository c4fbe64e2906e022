"""A server as a child process: lines in, lines out, each of bounded length, and an end that always comes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from tools.mcp.flood import Allowance, FloodError

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ")
"""Variables that every server gets; all others are named by its declaration."""
GRACE_S = 1.0
"""For a server to leave by itself when its input ends, and again when it is asked to."""
_LOOK_S = 0.01


class Process:
    """A running server; it and all that it starts are one process group."""

    def __init__(self, child: asyncio.subprocess.Process, largest: int) -> None:
        self._child = child
        self._allowance = Allowance(largest)
        self.pid = child.pid

    async def lines(self) -> AsyncIterator[bytes]:
        """What it says, until it ends, floods, or says a line that is longer than it may be."""
        output = self._child.stdout
        assert output is not None  # noqa: S101 - it was started with pipes
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, FloodError):
            while True:
                line = await output.readuntil(b"\n")
                self._allowance.spend(line)
                yield line

    async def send(self, line: bytes) -> None:
        """Raises OSError if it is gone."""
        assert self._child.stdin is not None  # noqa: S101 - it was started with pipes
        self._child.stdin.write(line)
        await self._child.stdin.drain()

    async def end(self) -> None:
        """Let it leave, ask it to, make it; then whatever it left behind."""
        assert self._child.stdin is not None  # noqa: S101 - it was started with pipes
        self._child.stdin.close()
        for final in (signal.SIGTERM, signal.SIGKILL):
            if await self.gone():
                break
            self.signal(final)

    def signal(self, number: signal.Signals) -> None:
        """To the whole group, of which some may live on when the server itself is gone."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def gone(self) -> bool:
        """Whether it is, within the grace; not `wait`, which also waits for whoever inherited its pipes."""
        for _ in range(round(GRACE_S / _LOOK_S)):
            if self._child.returncode is not None:
                return True
            await asyncio.sleep(_LOOK_S)
        return False

    def close(self) -> None:
        """Give back the pipes, which a survivor may still hold."""
        transport = getattr(self._child, "_transport", None)
        if transport is not None:
            transport.close()


@asynccontextmanager
async def running(command: Sequence[str], env: Mapping[str, str], largest: int) -> AsyncIterator[Process]:
    """The process, while within; what it writes to its standard error is dropped. Raises OSError.

    largest: bytes of a line. Leaving by an exception, a cancellation too, ends it at once.
    """
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**kept, **env},
        limit=largest,
        start_new_session=True,
    )
    process = Process(child, largest)
    try:
        yield process
        await process.end()
    finally:
        process.signal(signal.SIGKILL)
        await process.gone()
        process.close()
