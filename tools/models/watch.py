"""The catalog in force: read on first use, and again when its file changes."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from state.errors import KairosError
from state.settings import Settings, settings
from tools.models.availability import SHORTCUT_KEY
from tools.models.entry import OPENAI_URL, Entry
from tools.models.policy import Policy
from tools.models.reading import read

LOOK_SECONDS = 1.0
"""The file is looked at no more often than this."""

DEFAULT_FILE = Path(__file__).with_name("models.yaml")
_log = logging.getLogger(__name__)
Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A catalog in force: entries by name in order of preference; `problem`: why a newer file is not in force."""

    path: Path
    entries: dict[str, Entry]
    policy: Policy
    problem: str | None = None


class Watch:
    """Calling it gives the entries by name; a file with a mistake leaves the last good catalog in force.

    Raises KairosError `catalog_invalid` where there is no last good one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None
        self._stamp: Stamp = None
        self._next = 0.0

    def __call__(self) -> dict[str, Entry]:
        return self.now().entries

    def now(self) -> Loaded:
        """The catalog in force. On an event loop a change is read in a thread, and seen by a later call."""
        now = time.monotonic()
        if self._loaded is None:
            self._look()
        elif now >= self._next:
            self._next = now + LOOK_SECONDS
            _off_the_loop(self._look)
        loaded = self._loaded
        assert loaded is not None  # noqa: S101 - a first look loads or raises
        return loaded

    def cache_clear(self) -> None:
        """Forget what was read."""
        self._loaded = None

    def _look(self) -> None:
        with self._lock:
            config = settings()
            path = config.models or DEFAULT_FILE
            stamp = _stamp(path)
            if self._loaded is not None and stamp == self._stamp:
                return
            self._next = time.monotonic() + LOOK_SECONDS
            try:
                self._loaded = _load(config, path)
            except KairosError as error:
                if self._loaded is None:
                    raise
                self._loaded = replace(self._loaded, problem=error.sentence)
                _log.warning("The last good model catalog stays in force. %s", error.sentence)
            self._stamp = stamp


def _off_the_loop(look: Callable[[], None]) -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        look()
    else:
        loop.run_in_executor(None, look)


def _stamp(path: Path) -> Stamp:
    """Time, size and inode: an editor may replace a file by another of the same time and size."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


def _load(config: Settings, path: Path) -> Loaded:
    ours = shortcut(config)
    found = read(path, [entry.name for entry in ours])
    entries: dict[str, Entry] = {}
    for entry in [*ours, *found.models]:
        entries.setdefault(entry.name, entry)
    return Loaded(path, entries, found.routing)


def shortcut(config: Settings) -> list[Entry]:
    """The model that KAIROS_MODEL_URL, KAIROS_MODEL_KEY and KAIROS_MODEL_NAME describe, if they do."""
    name = config.model_name
    if not name:
        if config.model_url or config.model_key:
            raise KairosError("catalog_invalid", "KAIROS_MODEL_NAME is not set; it names the model to call.")
        return []
    # A server of one's own often asks for no key; OpenAI always does.
    key_env = SHORTCUT_KEY if config.model_key or not config.model_url else None
    url = config.model_url or OPENAI_URL
    try:
        fields = {"name": name, "provider": "openai", "model": name, "base_url": url, "key_env": key_env}
        return [Entry.model_validate(fields)]
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise KairosError("catalog_invalid", f"KAIROS_MODEL_URL is wrong: {reason}.") from None
