"""Files on disk: which there are, and what is in them."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from state.errors import KairosError
from tools.access import FILE_NAME, AccessFiles

LARGEST = 50_000_000
"""Bytes; a larger file is a named failure."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its absolute path, how it is shown, who may read it, and the SHA-256 of its bytes (or the error)."""

    uri: str
    path: str
    groups: list[str]
    sha256: bytes
    error: str | None = None


def find(paths: Sequence[str], groups: Sequence[str]) -> list[Found]:
    """Every regular file at or under the paths, once, in order; hidden files and links to folders are passed over."""
    access = AccessFiles()
    found: dict[str, Found] = {}
    for given in paths:
        root = resolve(given)
        base = root if root.is_dir() else root.parent
        for file in _walk(root):
            if str(file) not in found:
                found[str(file)] = _describe(file, base, access.groups(file, groups))
    return list(found.values())


def resolve(given: str) -> Path:
    """The absolute path of what a person named; it must exist."""
    try:
        return Path(given).expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise KairosError(
            "path_missing", f"{given!r} is not there or cannot be read: {_cause(error)}."
        ) from error


def read(uri: str) -> bytes:
    """The bytes of a file, at most LARGEST."""
    try:
        if os.stat(uri).st_size > LARGEST:
            raise KairosError("file_too_large", f"{Path(uri).name} is larger than {LARGEST // 1_000_000} MB.")
        return Path(uri).read_bytes()
    except OSError as error:
        raise KairosError("file_unreadable", f"{Path(uri).name} cannot be read: {_cause(error)}.") from error


def _walk(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and name != FILE_NAME and file.is_file() and _inside(file, root):
                yield file


def _inside(file: Path, root: Path) -> bool:
    return not file.is_symlink() or file.resolve().is_relative_to(root)


def _describe(file: Path, base: Path, groups: list[str]) -> Found:
    path = file.relative_to(base).as_posix()
    try:
        with file.open("rb") as handle:
            return Found(str(file), path, groups, hashlib.file_digest(handle, "sha256").digest())
    except OSError as error:
        return Found(str(file), path, groups, b"", _cause(error))


def _cause(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
