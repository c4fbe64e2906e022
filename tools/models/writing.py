"""Adding entries to the catalog file as text, so that its comments and its layout stay."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from state.errors import KairosError
from tools.models.reading import parse

if TYPE_CHECKING:
    import yaml


def add(path: Path, entries: Sequence[Mapping[str, Any]], also: Sequence[str] = ()) -> None:
    """Write entries behind the last one; the file is made if it is missing, and replaced in one step.

    `also` are names of entries outside the file. Raises KairosError `catalog_invalid`, and nothing is changed, if the
    file or what it would become has a mistake.
    """
    there = path.exists()
    try:
        text = path.read_text(encoding="utf-8") if there else "models:\n"
    except (OSError, UnicodeDecodeError):
        raise KairosError("catalog_invalid", f"The model catalog {path} cannot be read.") from None
    if there:
        parse(text, path, also)
    written = _inserted(text, path, entries) if there else text + _block(entries, 2)
    parse(written, path, also)
    _replace(path, written)


def _inserted(text: str, path: Path, entries: Sequence[Mapping[str, Any]]) -> str:
    import yaml

    root = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)  # noqa: S101 - it has been parsed
    models = next(value for key, value in root.value if key.value == "models")
    if models.flow_style:
        sentence = f"{path} has its models in brackets; write them as a list of lines to have others added."
        raise KairosError("catalog_invalid", sentence)
    lines = text.splitlines(keepends=True)
    end = _last_line(models)
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    return "".join([*lines[:end], _block(entries, models.start_mark.column), *lines[end:]])


def _last_line(node: "yaml.Node") -> int:
    """How many lines there are up to the end of a node; YAML's own end mark is behind the comments that follow."""
    import yaml

    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    return int(mark.line) if mark.column == 0 and mark.line > node.start_mark.line else int(mark.line) + 1


def _block(entries: Sequence[Mapping[str, Any]], indent: int) -> str:
    """The entries as YAML, one key a line."""
    return "".join(
        f"{' ' * indent}{'  ' if number else '- '}{_line(key, value)}"
        for entry in entries
        for number, (key, value) in enumerate(entry.items())
    )


def _line(key: str, value: Any) -> str:
    import yaml

    # In braces a value stays on its line; without them they are taken off again.
    dumped: str = yaml.safe_dump({key: value}, default_flow_style=True, allow_unicode=True, width=100_000)
    return dumped.strip().removeprefix("{").removesuffix("}") + "\n"


def _replace(path: Path, text: str) -> None:
    """In one step: a server that reads the file meanwhile sees the old one or the new one."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, name)
        os.replace(name, path)
    except OSError as error:
        raise KairosError(
            "catalog_unwritable", f"The model catalog {path} cannot be written: {error.strerror}."
        ) from None
