"""The operating-system account of the embedded Postgres where Kairos runs as root, as in many containers."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

from state.errors import KairosError

NAME = "kairos-postgres"


def account() -> pwd.struct_passwd | None:
    """Postgres refuses to run as root: the account to run it as then, made on first use; else None."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        _create()
        return pwd.getpwnam(NAME)


def give(path: Path) -> None:
    """Make `path` the account's, and let the account reach it: every folder above gets the search bit."""
    who = account()
    if who is None:
        return
    os.chown(path, who.pw_uid, who.pw_gid)
    reach(path)


def reach(path: Path) -> None:
    """Let the account pass through the folders above `path`; it still cannot list them."""
    if account() is None:
        return
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _create() -> None:
    line = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        # Another process may have made it meanwhile: status 9 says that the name is taken.
        done = subprocess.run(line, capture_output=True, text=True)  # noqa: S603
        said = done.stderr.strip()
        failed = done.returncode not in (0, 9)
    except OSError as error:
        failed, said = True, str(error)
    if failed:
        raise KairosError(
            "embedded_postgres_failed",
            f"Postgres cannot run as root, and the account {NAME} could not be made ({said}): "
            "run Kairos as an ordinary user, or set KAIROS_DATABASE_URL.",
        )
