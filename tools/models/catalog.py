"""The catalog of chat models: what is configured, what is available, and which one serves a role."""

import os
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, NoReturn, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)

from state.errors import KairosError
from state.settings import Settings, settings

Role = Literal["answer", "rewrite", "context"]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]

_DEFAULT_FILE = Path(__file__).with_name("models.yaml")
_OPENAI_URL = HttpUrl("https://api.openai.com/v1")
_SHORTCUT_KEY = "KAIROS_MODEL_KEY"


class Entry(BaseModel):
    """A model: prices in USD per million tokens, context in tokens, timeout in seconds without a byte.

    passage_order: how it reads passages best; long prompts lose their middle (Liu et al. 2023).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    provider: Literal["openai", "extractive"]
    model: str = ""
    base_url: HttpUrl = _OPENAI_URL
    key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    input_price: Price | None = None
    output_price: Price | None = None
    context: PositiveInt | None = None
    timeout: float = Field(default=60.0, gt=0, allow_inf_nan=False)
    passage_order: Literal["best_first", "best_at_ends"] = "best_at_ends"
    roles: tuple[Role, ...] = Field(default=("answer", "rewrite", "context"), min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.provider == "openai" and not self.model:
            raise ValueError("the key 'model' is missing: the provider's own name of the model")
        return self


class Catalog(BaseModel):
    """A catalog file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Entry, ...] = Field(min_length=1)


@lru_cache(maxsize=1)
def catalog() -> dict[str, Entry]:
    """The entries by name, in order of preference, read from a file on first use.

    Raises KairosError `catalog_invalid`.
    """
    config = settings()
    entries: dict[str, Entry] = {}
    for entry in [*_shortcut(config), *_read(config.models or _DEFAULT_FILE)]:
        entries.setdefault(entry.name, entry)
    return entries


def choose(role: Role, preferred: str | None = None) -> Entry:
    """The entry that serves a role: the one asked for by name, else the first available one.

    Raises KairosError `model_unknown` or `model_unavailable`; a configured model that is unavailable is never
    silently replaced by the extractive one.
    """
    if preferred is not None:
        return _named(preferred, role)
    serving = [entry for entry in catalog().values() if role in entry.roles]
    candidates = [entry for entry in serving if entry.provider != "extractive"] or serving
    for entry in candidates:
        if unavailable(entry) is None:
            return entry
    reasons = "; ".join(f"{entry.name}: {unavailable(entry)}" for entry in candidates) or "none serves it"
    raise KairosError("model_unavailable", f"No model is available for the role {role} ({reasons}).")


def serves(role: Role) -> bool:
    """Whether some available model serves a role."""
    return any(role in entry.roles and unavailable(entry) is None for entry in catalog().values())


def find(name: str) -> Entry:
    """The entry of that name; KairosError `model_unknown` names those that there are."""
    try:
        return catalog()[name]
    except KeyError:
        there = ", ".join(catalog())
        raise KairosError("model_unknown", f"There is no model {name!r}; the catalog has: {there}.") from None


def unavailable(entry: Entry) -> str | None:
    """Why an entry cannot be used now, or None if it can."""
    if entry.key_env and key(entry) is None:
        return f"the variable {entry.key_env} is not set"
    return None


def key(entry: Entry) -> SecretStr | None:
    """The key of an entry, read from the environment."""
    if entry.key_env == _SHORTCUT_KEY:
        return settings().model_key
    value = os.environ.get(entry.key_env or "")
    return SecretStr(value) if value else None


def _named(name: str, role: Role) -> Entry:
    entry = find(name)
    reason = unavailable(entry)
    if role not in entry.roles:
        reason = f"it does not serve the role {role}"
    if reason is not None:
        usable = [e.name for e in catalog().values() if role in e.roles and unavailable(e) is None]
        sentence = f"The model {name!r} cannot be used: {reason}; available: {', '.join(usable) or 'none'}."
        raise KairosError("model_unavailable", sentence)
    return entry


def _shortcut(config: Settings) -> list[Entry]:
    """The model that KAIROS_MODEL_URL, KAIROS_MODEL_KEY and KAIROS_MODEL_NAME describe, if they do."""
    name = config.model_name
    if not name:
        if config.model_url or config.model_key:
            raise KairosError("catalog_invalid", "KAIROS_MODEL_NAME is not set; it names the model to call.")
        return []
    # A server of one's own often asks for no key; OpenAI always does.
    key_env = _SHORTCUT_KEY if config.model_key or not config.model_url else None
    url = config.model_url or _OPENAI_URL
    try:
        fields = {"name": name, "provider": "openai", "model": name, "base_url": url, "key_env": key_env}
        return [Entry.model_validate(fields)]
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise KairosError("catalog_invalid", f"KAIROS_MODEL_URL is wrong: {reason}.") from None


def _read(path: Path) -> list[Entry]:
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, yaml.SafeLoader)
        entries = Catalog.model_validate(yaml.safe_load(text) or {}).models
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise KairosError("catalog_invalid", f"The model catalog {path} cannot be read: {reason}.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        _fail(path, mark.line + 1 if mark else 1, (), getattr(error, "problem", None) or "this is not YAML")
    except ValidationError as error:
        wrong = error.errors()[0]
        _fail(path, _line(root, wrong["loc"]), wrong["loc"], wrong["msg"].removeprefix("Value error, "))
    for name, count in Counter(entry.name for entry in entries).items():
        if count > 1:
            last = max(index for index, entry in enumerate(entries) if entry.name == name)
            loc = ("models", last, "name")
            _fail(path, _line(root, loc), loc, f"the name {name!r} is taken")
    return list(entries)


def _fail(path: Path, line: int, loc: Iterable[str | int], reason: str) -> NoReturn:
    """`reason` never holds the value, which may be a key that somebody pasted into the file."""
    where = ", ".join([str(path), f"line {line}", ".".join(str(step) for step in loc)]).removesuffix(", ")
    raise KairosError("catalog_invalid", f"{where}: {reason}.") from None


def _line(node: yaml.Node | None, loc: Iterable[str | int]) -> int:
    """The line (from 1) of the deepest YAML node on the path `loc`."""
    line = node.start_mark.line if node else 0
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = (node.value[step], node.value[step])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return line + 1
