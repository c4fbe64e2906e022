"""kairos up: the server and the web page."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from app.commands.ingest import ingest_paths, show
from app.local import local_profile
from app.terminal import console, explained, notes, run
from state.errors import KairosError
from state.settings import settings
from tools.guard.policy.watch import policies

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "evals" / "datasets" / "handbook" / "pages"
JOBS = 10
"""Runs at a time; the server's own default of one makes every asker wait for all the others."""
PATIENCE_S = 120.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def up(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 2024,
    sample: Annotated[bool, typer.Option(help="Ingest the sample handbook if the index is empty.")] = True,
) -> None:
    """Start the server and the web page; the first start ingests a sample handbook.

    Example: kairos up --port 8000
    """
    with explained(False):
        check_address(host, port)
        policies()
        home = _home()
    if sample:
        run(_ingest_sample(), False)
    raise typer.Exit(_serve(home, host, port))


def check_address(host: str, port: int) -> None:
    """Raises KairosError port_taken, or users_missing for an address that others can reach."""
    if host not in LOOPBACK and settings().users is None:
        raise KairosError(
            "users_missing",
            f"Listening on {host} needs KAIROS_USERS, so that everyone who asks is known; see .env.example.",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            cause = (error.strerror or str(error)).lower()
            raise KairosError(
                "port_taken", f"Port {port} on {host} cannot be used ({cause}); choose another with --port."
            ) from error


def _home() -> Path:
    home = settings().home.resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "server.log").touch()
    except OSError as error:
        raise KairosError("home_unwritable", f"KAIROS_HOME cannot be used: {error}.") from error
    return home


async def _ingest_sample() -> None:
    from state.postgres.documents import count

    profile = local_profile("default", ())
    if await count(profile):
        return
    console.print("The index is empty: reading the sample handbook (a company that does not exist).")
    report = await ingest_paths([str(SAMPLE)], profile, [], False)
    if not isinstance(report, int):
        show(report)


def _serve(home: Path, host: str, port: int) -> int:
    folder, log = prepare(home), home / "server.log"
    arguments = ["--no-browser", "--no-reload", "--n-jobs-per-worker", str(JOBS)]
    command = [sys.executable, "-m", "langgraph_cli", "dev", *arguments, "--host", host, "--port", str(port)]
    with log.open("w") as output:
        server = subprocess.Popen(  # noqa: S603 - a fixed command
            command,
            cwd=folder,
            env={**os.environ, **paths(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _stop_with_us(server)
        try:
            if not _wait(server, f"http://{'localhost' if host in LOOPBACK else host}:{port}/ok"):
                notes.print(_tail(log), markup=False, highlight=False)
                notes.print(f"[red]kairos:[/red] The server did not start; its log is {log}.", soft_wrap=True)
                return 1
            _greet(host, port, log)
            return 0 if server.wait() in (0, -signal.SIGTERM, -signal.SIGINT) else 1
        finally:
            _end(server)


def paths(home: Path) -> dict[str, str]:
    """The settings that name paths, said in full: the server runs in a folder of its own."""
    config = settings()
    named = {"HOME": home, "USERS": config.users, "MODELS": config.models, "GUARDS": config.guards}
    return {f"KAIROS_{name}": str(path.resolve()) for name, path in named.items() if path}


def prepare(home: Path) -> Path:
    """The folder to run the server in: it keeps threads and runs in files there, so that homes stay apart."""
    folder = home.resolve() / "server"
    folder.mkdir(parents=True, exist_ok=True)
    config = (ROOT / "langgraph.json").read_text(encoding="utf-8")
    (folder / "langgraph.json").write_text(_absolute(config), encoding="utf-8")
    return folder


def _absolute(config: str) -> str:
    return config.replace('"./', f'"{ROOT.as_posix()}/').replace('["."]', json.dumps([str(ROOT)]))


def _wait(server: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    with notes.status("Starting the server"):
        while time.monotonic() < deadline and server.poll() is None:
            try:
                with urlopen(url, timeout=2):  # noqa: S310 - our own address
                    return True
            except (URLError, OSError):
                time.sleep(0.2)
    return False


def _greet(host: str, port: int, log: Path) -> None:
    url = f"http://{host}:{port}"
    console.print(f"\nKairos is up. Ask at [bold]{url}/[/bold]")
    console.print(f"  LangGraph API  {url}/docs")
    console.print(f"  Studio         https://smith.langchain.com/studio/?baseUrl={url}", soft_wrap=True)
    console.print(f"  MCP            {url}/mcp/knowledge and {url}/mcp/platform")
    console.print(f"  log            {log}\nCtrl-C stops it.", soft_wrap=True)


def _stop_with_us(server: subprocess.Popen[bytes]) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        server.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])
