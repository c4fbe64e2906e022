"""How large files are, as far as that is known before they are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def with_sizes(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int | None]]:
    """Path and bytes of each file: of those on this machine as they are now, else as they were last read."""
    return [(row["path"], _size(row)) for row in rows]


def _size(row: Mapping[str, Any]) -> int | None:
    size: int | None = row["bytes"]
    if row["kind"] in (None, "folder"):
        try:
            size = Path(row["uri"]).stat().st_size
        except (OSError, ValueError):
            return size
    return size
