"""What a host's robots.txt lets us read (RFC 9309)."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from state.errors import KairosError
from tools.sources.http import get
from tools.sources.pinned import AGENT
from tools.sources.source import shown

if TYPE_CHECKING:
    from protego import Protego

_LARGEST = 1_000_000
_TOKEN = AGENT.partition("/")[0]


class Robots:
    """The robots.txt of every host that is asked about, each read once."""

    def __init__(self) -> None:
        self._rules: dict[str, Protego] = {}

    async def refusal(self, url: str) -> str | None:
        """Why a page may not be read, or None. Raises KairosError where the host does not say."""
        from protego import Protego

        parsed = urlsplit(url)
        origin = f"{parsed.scheme}://{parsed.netloc}"
        if origin not in self._rules:
            self._rules[origin] = Protego.parse(await _read(f"{origin}/robots.txt"))
        if self._rules[origin].can_fetch(url, _TOKEN):
            return None
        return f"{origin}/robots.txt does not allow it to be read"


async def _read(url: str) -> str:
    """The rules; without such a file everything is allowed, with one that cannot be read nothing is."""
    answer = await get(url, largest=_LARGEST)
    if answer.status == 200:
        return answer.data.decode("utf-8", "replace")
    if 400 <= answer.status < 500 and answer.status != 429:
        return ""
    raise KairosError(
        "fetch_failed", f"{shown(url)} answered with status {answer.status}, so nothing was read from there."
    )
