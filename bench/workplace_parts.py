"""What the workplace suite runs on: the server in a process of its own, and the platform's settings for it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import yaml

from evals.workplace import BackEnd
from evals.workplace_tasks import FOLDER, TODAY
from state.settings import settings
from tools.acting import agents
from tools.models.catalog import catalog

ROOT = Path(__file__).parents[1]
DECLARED = ROOT / "docs" / "tools.workplace.example.yaml"
Guard = Literal["asks", "default", "off"]
Rules = Literal["suite", "shipped"]
TOKEN = "a-token-of-the-suite"  # noqa: S105 - for a server on the loopback interface


@contextmanager
def serving(folder: Path) -> Iterator[tuple[BackEnd, int]]:
    """The server on a free port, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    live = folder / "live.db"
    command = (sys.executable, "-m", "mcp_servers.workplace", "--db", str(live), "--http", str(port))
    process = subprocess.Popen(
        [*command, "--today", TODAY], cwd=ROOT, env={**os.environ, "WORKPLACE_TOKEN": TOKEN}
    )
    try:
        _wait_for(port)
        fresh = folder / "fresh.db"
        fresh.write_bytes(live.read_bytes())
        yield BackEnd(fresh, live), port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The workplace server does not start.")


@contextmanager
def declared(folder: Path, port: int, guard: Guard, rules: Rules, **variables: str) -> Iterator[None]:
    """Within, the server is declared, the rules hold, and the variables are set."""
    file = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    file["servers"]["workplace"]["url"] = f"http://127.0.0.1:{port}/mcp"
    tools = folder / "tools.yaml"
    tools.write_text(yaml.safe_dump(file, sort_keys=False), encoding="utf-8")
    guards = str(_policy(folder, guard))
    given = {"KAIROS_TOOLS": str(tools), "KAIROS_GUARDS": guards, "WORKPLACE_TOKEN": TOKEN, **variables}
    before, shipped = {name: os.environ.get(name) for name in given}, agents.FOLDER
    os.environ.update(given)
    agents.FOLDER = FOLDER / "agents" if rules == "suite" else shipped
    _forget()
    try:
        yield
    finally:
        agents.FOLDER = shipped
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        _forget()


def _policy(folder: Path, guard: Guard) -> Path:
    """asks: the default policy, but that a task which reads like an attack is put before its asker again."""
    before, rule, after = (ROOT / "guards/default.yaml").read_text("utf-8").partition("- check: attack\n")
    asks = before + rule + after.replace("action: refuse", "action: ask", 1)
    found = folder / "guards"
    found.mkdir()
    off = "name: default\nrules: [{check: secrets, on: [output], action: flag}]\n"
    text = {"asks": asks, "default": before + rule + after, "off": off}[guard]
    (found / "default.yaml").write_text(text, encoding="utf-8")
    return found


def _forget() -> None:
    for cached in (settings, catalog, agents.agent):
        cached.cache_clear()
