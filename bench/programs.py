"""Programs that are asked by JSON lines, each watched: seconds, memory of its process tree, whether it still lives."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EVERY_S = 0.02
START_S = 180.0


class Program:
    """One running program; it is started anew after it crashed, hung, or took more than `most_mb`."""

    def __init__(self, command: Sequence[str], seconds: float, most_mb: float = 4096) -> None:
        self._command, self._seconds, self._most = list(command), seconds, most_mb
        self.peak_mb = self.idle_mb = self.start_seconds = 0.0
        self._start()

    def ask(self, given: dict[str, Any]) -> dict[str, Any]:
        """The answer, or {"died": "crashed" | "hung" | "memory", "seconds"}."""
        started = time.perf_counter()
        with suppress(BrokenPipeError):
            self._stdin.write(json.dumps(given) + "\n")
            self._stdin.flush()
        try:
            line = self._lines.get(timeout=self._seconds)
        except queue.Empty:
            line, died = None, "hung"
        else:
            died = "memory" if self._too_large else "crashed"
        if line is None:
            self.stop()
            self._start()
            return {"died": died, "seconds": time.perf_counter() - started}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the program and all its descendants."""
        self._watching = False
        kill_tree(self._process.pid)
        self._process.wait()
        self._stdin.close()

    def _start(self) -> None:
        began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._stdin, self._lines = self._process.stdin, queue.Queue[str | None]()
        self._watching, self._too_large = True, False
        threading.Thread(target=self._read, args=(self._process.stdout, self._lines), daemon=True).start()
        threading.Thread(target=self._watch, args=(self._process.pid,), daemon=True).start()
        if self._lines.get(timeout=START_S) is None:
            raise SystemExit(f"This program does not start: {' '.join(self._command)}")
        self.start_seconds = self.start_seconds or time.perf_counter() - began
        self.idle_mb = self.idle_mb or tree_mb(self._process.pid)

    @staticmethod
    def _read(stdout: Any, lines: "queue.Queue[str | None]") -> None:
        with stdout:
            for line in stdout:
                lines.put(line)
        lines.put(None)

    def _watch(self, pid: int) -> None:
        while self._watching and self._process.pid == pid:
            now = tree_mb(pid)
            self.peak_mb = max(self.peak_mb, now)
            if now > self._most:
                self._too_large = True
                kill_tree(pid)
                return
            time.sleep(EVERY_S)


def tree(pid: int) -> Iterator[int]:
    """A process and its descendants; only itself where there is no /proc."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def tree_mb(pid: int, *, shared_once: bool = False) -> float:
    """Resident megabytes (2^20) of a process tree, 0 where there is no /proc.

    `shared_once` counts a page that n processes share as 1/n in each (PSS): for servers with shared memory.
    """
    return sum(_pss(one) if shared_once else _rss(one) for one in set(tree(pid))) / 2**20


def kill_tree(pid: int) -> None:
    """Kill a process and its descendants."""
    for one in list(tree(pid)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def _rss(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
