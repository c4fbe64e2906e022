"""The git program, run so that nothing but the named repository is reached and nobody is asked anything."""

import asyncio
import fcntl
import hashlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from state.errors import KairosError
from state.settings import settings
from tools.sources.git_remote import Remote, pins
from tools.sources.source import shown

TIME_LIMIT_S = 300.0
_KEPT = "kept"

_HARDENED = {
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    "core.askPass": "",
    "gc.autoDetach": "false",
    "gc.pruneExpire": "now",
    "http.followRedirects": "false",
    "http.proxy": "",
    "protocol.version": "2",
    "submodule.recurse": "false",
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare copy of one branch of a remote, in KAIROS_HOME/sources."""

    remote: Remote
    branch: str

    @property
    def folder(self) -> Path:
        name = hashlib.sha256(f"{self.remote.url}\n{self.branch}".encode()).hexdigest()[:32]
        return settings().home.resolve() / "sources" / name

    async def update(self) -> None:
        """Fetch the branch's newest commit as HEAD, without history, tags and submodules."""
        pinned = await pins(self.remote)
        wanted = f"refs/heads/{self.branch}" if self.branch else "HEAD"
        async with _alone(self.folder):
            await self.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={_KEPT}")
            await self.run(
                *pinned,
                *(
                    "fetch",
                    "--quiet",
                    "--depth=1",
                    "--no-tags",
                    "--no-recurse-submodules",
                    "--no-write-fetch-head",
                ),
                *("--update-head-ok", "--", self.remote.url, f"+{wanted}:refs/heads/{_KEPT}"),
            )

    async def run(self, *arguments: str) -> bytes:
        """What a git command prints; raises KairosError git_missing or git_failed (also after TIME_LIMIT_S)."""
        settled = [item for pair in _HARDENED.items() for item in ("-c", "=".join(pair))]
        try:
            process = await asyncio.create_subprocess_exec(
                *("git", *settled, *arguments),
                env=_environment(self.remote, self.folder),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise KairosError(
                "git_missing", "Git sources need the program git, which is not installed."
            ) from error
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                out, told = await process.communicate()
        except TimeoutError:
            raise KairosError("git_failed", f"git took longer than {TIME_LIMIT_S:g} s.") from None
        finally:
            await _end(process)
        if process.returncode:
            raise KairosError("git_failed", f"{shown(self.remote.url)} cannot be read: {_cause(told)}.")
        return out


def _environment(remote: Remote, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SSH_AUTH_SOCK") if name in os.environ}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_DIR": str(folder),
        "GIT_ALLOW_PROTOCOL": remote.scheme,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


async def _end(process: asyncio.subprocess.Process) -> None:
    """Git starts programs of its own; what still runs ends with it."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@asynccontextmanager
async def _alone(folder: Path) -> AsyncIterator[None]:
    """One update of a copy at a time, over all processes."""
    while (handle := await asyncio.to_thread(_lock, folder)) is None:  # noqa: ASYNC110 - it may be another process's
        await asyncio.sleep(0.1)
    with handle:
        yield


def _lock(folder: Path) -> BinaryIO | None:
    """The lock for as long as it is open, None while another holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = open(folder / "kairos.busy", "wb")  # noqa: SIM115 - the caller closes it
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    for stale in folder.glob("**/*.lock"):  # of a git that was killed: nobody else is here
        stale.unlink(missing_ok=True)
    return handle


def _cause(told: bytes) -> str:
    lines = told.decode("utf-8", "replace").strip().splitlines()
    return shown(lines[-1]).removeprefix("fatal: ").rstrip(".") if lines else "git says no reason"
