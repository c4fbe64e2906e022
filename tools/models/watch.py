"""The catalog in force: read on first use, and again when its file changes."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from state.errors import KairosError
from state.settings import Settings, settings
from tools.models.availability import SHORTCUT_KEY
from tools.models.entry import OPENAI_URL, Entry
from tools.models.policy import Policy
from tools.models.reading import read
from tools.watched import Watched, stamp

DEFAULT_FILE = Path(__file__).with_name("models.yaml")


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
        self._watched = Watched("model catalog", lambda: stamp(_path()), _load, _marked)

    def __call__(self) -> dict[str, Entry]:
        return self.now().entries

    def now(self) -> Loaded:
        """The catalog in force. On an event loop a change is read in a thread, and seen by a later call."""
        return self._watched()

    def cache_clear(self) -> None:
        """Forget what was read."""
        self._watched.cache_clear()


def _path() -> Path:
    return settings().models or DEFAULT_FILE


def _marked(loaded: Loaded, problem: str) -> Loaded:
    return replace(loaded, problem=problem)


def _load() -> Loaded:
    path, ours = _path(), shortcut(settings())
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
