"""YAML front matter at the top of a Markdown or HTML page."""

import re
from typing import Any

_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\n(.{0,65536}?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_PAIR = re.compile(r"^([A-Za-z_][\w-]*):[ \t]+(\S.*)$", re.MULTILINE)


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The scalars (and lists of scalars, joined by commas) of the front matter, and the text below it."""
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    values = _load(match.group(1))
    if values is None:
        return {}, text
    pairs = ((str(key), _flat(value)) for key, value in values.items())
    return {key: value for key, value in pairs if value}, text[match.end() :]


def _load(source: str) -> dict[Any, Any] | None:
    """The mapping in `source`, or None where it is no front matter but text between two rules."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        values = yaml.load(source, loader)  # noqa: S506 - both loaders are safe ones
    except (yaml.YAMLError, ValueError):
        # Titles with an unquoted colon are common; take the plain pairs.
        return dict(_PAIR.findall(source)) or None
    if values is None:
        return {}
    return values if isinstance(values, dict) else None


def _flat(value: Any) -> str:
    """A scalar as text; deeper structures are left out, for aliases can make them grow without end."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value if isinstance(item, str | int | float))
    return "" if value is None or isinstance(value, dict) else str(value)
