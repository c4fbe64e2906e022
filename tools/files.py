"""Files on disk: which there are, and what is in them."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from state.errors import KairosError
from tools.access import FILE_NAME, AccessFiles

LARGEST = 50_000_000
"""Bytes; a larger file is a named failure."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its absolute path, how it is shown, who may read it, and the SHA-256 of its bytes.

    With an `error` it is a file, or a folder, that cannot be read.
    """

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
        unlisted: list[OSError] = []
        for file in _walk(root, unlisted.append):
            if str(file) not in found:
                # A link shows what it leads to, so it is as restricted as that.
                found[str(file)] = _describe(file, base, access.groups(file.resolve(), groups))
        for error in unlisted:
            found[str(error.filename)] = _failed(Path(error.filename), base, _cause(error))
    return list(found.values())


def resolve(given: str) -> Path:
    """The absolute path of what a person named; it must exist."""
    try:
        if not given:
            raise ValueError("it is empty")
        path = Path(given).expanduser().resolve(strict=True)
        str(path).encode()
        return path
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


def _walk(root: Path, unlisted: Callable[[OSError], None]) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, folders, names in os.walk(root, onerror=unlisted):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and name != FILE_NAME and _is_regular(file) and _inside(file, root):
                yield file


def _is_regular(file: Path) -> bool:
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except PermissionError:
        return True  # opening it will name it as a failure
    except OSError:
        return False


def _inside(file: Path, root: Path) -> bool:
    return not file.is_symlink() or file.resolve().is_relative_to(root)


def _describe(file: Path, base: Path, groups: list[str]) -> Found:
    if _readable(str(file)) != str(file):
        return _failed(file, base, "its name is not valid UTF-8")
    try:
        with file.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").digest()
    except OSError as error:
        return _failed(file, base, _cause(error))
    return Found(str(file), file.relative_to(base).as_posix(), groups, digest)


def _failed(file: Path, base: Path, cause: str) -> Found:
    return Found(_readable(str(file)), _readable(file.relative_to(base).as_posix()), [], b"", cause)


def _readable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _cause(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
