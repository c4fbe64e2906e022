"""Where a git repository is, and how git is kept to the addresses that were checked."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from state.errors import KairosError
from tools.sources import address

_PORTS = {"https": 443, "ssh": 22, "file": 0}
_SHORT = re.compile(r"(?P<user>[\w.-]+@)?(?P<host>\w[\w.-]*):(?P<path>[^/].*)")


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository is: `url` as git takes it; `host` is empty for one on this machine."""

    scheme: str
    url: str
    host: str
    port: int
    path: str


def parse(location: str) -> Remote:
    """The remote that a location names: an https, ssh or file URL, user@host:path, or an absolute path."""
    if location.startswith("/"):
        return Remote("file", location, "", 0, location)
    if "://" not in location and (short := _SHORT.fullmatch(location)):
        return Remote("ssh", location, short["host"], _PORTS["ssh"], short["path"])
    try:
        parsed = urlsplit(location)
        port = parsed.port
    except ValueError:
        raise KairosError("source_invalid", "The repository's URL is not a URL.") from None
    if parsed.password is not None or (parsed.scheme == "https" and parsed.username is not None):
        raise KairosError("source_invalid", "The repository's URL holds a user or password: leave them out.")
    host = parsed.hostname or ""
    if parsed.scheme not in _PORTS or bool(host) == (parsed.scheme == "file") or host.startswith("-"):
        raise KairosError("source_invalid", "A repository is an https, ssh or file URL, or an absolute path.")
    return Remote(parsed.scheme, location, host, port or _PORTS[parsed.scheme], parsed.path)


async def pins(remote: Remote) -> list[str]:
    """Settings that make git connect to an address that was checked."""
    if not remote.host:
        return []
    places = await address.resolve(remote.host, remote.port)
    if remote.scheme == "https":
        return ["-c", f"http.curloptResolve={remote.host}:{remote.port}:{','.join(places)}"]
    ssh = f"ssh -oBatchMode=yes -oHostName={places[0]} -oHostKeyAlias={remote.host}"
    return ["-c", f"core.sshCommand={ssh}"]
