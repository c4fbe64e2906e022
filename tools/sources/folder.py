"""Files on disk: which there are, and what is in them."""

import asyncio
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from state.errors import KairosError
from tools.access import FILE_NAMES, AccessFiles
from tools.sources.source import LARGEST, Fetched, Found, Source, shown

_TICK_NS = 100_000_000
_COARSE_NS = 2_000_000_000


def check(source: Source) -> None:
    """Any path may be meant; whether it is there is asked at listing."""


def own_means(source: Source) -> str:
    """The absolute path; it must exist."""
    return str(resolve(source.location))


async def list_files(source: Source, groups: Sequence[str]) -> list[Found]:
    """Every regular file at or under the location."""
    return await asyncio.to_thread(find, [source.location], groups)


async def fetch(source: Source, uri: str, stamp: str | None) -> Fetched | None:
    """The bytes of a file below the location; raises file_unreadable, file_too_large or source_gone."""
    return await asyncio.to_thread(read, source.location, uri, stamp)


def find(paths: Sequence[str], groups: Sequence[str]) -> list[Found]:
    """Every regular file at or under the paths, once, in order; hidden files and links to folders are passed over."""
    access = AccessFiles()
    found: dict[str, Found] = {}
    for given in paths:
        root = resolve(given)
        base = root if root.is_dir() else root.parent
        unread: list[OSError] = []
        for file, real, status in _walk(root, unread.append):
            if str(file) in found:
                continue
            # A link shows what it leads to, so it is as restricted as that.
            readers = access.groups(real, groups)
            found[str(file)] = _describe(file, base, readers, status)
        for error in unread:
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


def read(location: str, uri: str, stamp: str | None = None) -> Fetched | None:
    """The bytes of a file, if they are not those of the stamp; it must be below the location, links followed."""
    name = shown(Path(uri).name)
    try:
        with open(_open_below(resolve(location), Path(uri).resolve(strict=True)), "rb") as handle:
            now = _stamp(os.fstat(handle.fileno()))
            data = b"" if now == stamp else handle.read(LARGEST + 1)
    except (OSError, RuntimeError) as error:
        raise KairosError("file_unreadable", f"{name} cannot be read: {_cause(error)}.") from error
    if len(data) > LARGEST:
        raise KairosError("file_too_large", f"{name} is larger than {LARGEST // 1_000_000} MB.")
    return None if now == stamp else Fetched(data, now, name)


def _open_below(root: Path, real: Path) -> int:
    """A descriptor of a resolved path; a link put anywhere below the root meanwhile is an error, never followed."""
    if not real.is_relative_to(root):
        raise OSError(f"it leads out of {root.name}")
    *folders, last = real.relative_to(root).parts or (root.name,)
    at = os.open(root.parent if real == root else root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        if not stat.S_ISREG(os.stat(last, dir_fd=at, follow_symlinks=False).st_mode):
            raise OSError("it is not a regular file")
        # Without O_NONBLOCK, opening a pipe put there meanwhile would wait for somebody to write to it.
        return os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)


def _walk(root: Path, unread: Callable[[OSError], None]) -> Iterator[tuple[Path, Path, os.stat_result]]:
    """Each regular file as (path, what it leads to, status)."""
    if root.is_file():
        yield root, root, root.stat()
        return
    for folder, folders, names in os.walk(root, onerror=unread):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith(".") or name in FILE_NAMES:
                continue
            file = Path(folder, name)
            try:
                real, status = _look(file, root)
            except PermissionError as error:
                error.filename = str(file)
                unread(error)
            except (OSError, RuntimeError):
                continue  # gone again, or a link that leads to nothing or to itself
            else:
                if stat.S_ISREG(status.st_mode) and (real is file or _is_listed(real, root)):
                    yield file, real, status


def _look(file: Path, root: Path) -> tuple[Path, os.stat_result]:
    status = os.lstat(file)
    if not stat.S_ISLNK(status.st_mode):
        return file, status
    return file.resolve(strict=True), os.stat(file)


def _is_listed(real: Path, root: Path) -> bool:
    """Whether a link's target is below the root and would be listed itself."""
    if not real.is_relative_to(root) or real.name in FILE_NAMES:
        return False
    return not any(part.startswith(".") for part in real.relative_to(root).parts)


def _stamp(status: os.stat_result) -> str:
    """What changes with the content. Taken so soon after a change that the next may bear its time, it is unique.

    So the file is read once more at the next look (git does this for its index).
    """
    now = time.time_ns()
    coarse = status.st_ctime_ns % 1_000_000_000 == 0
    settled = now - status.st_ctime_ns > (_COARSE_NS if coarse else _TICK_NS)
    fields = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return "-".join(map(str, fields)) + ("" if settled else f"?{now}")


def _describe(file: Path, base: Path, groups: list[str], status: os.stat_result) -> Found:
    if _readable(str(file)) != str(file):
        return _failed(file, base, "its name is not valid UTF-8")
    return Found(str(file), shown(file.relative_to(base).as_posix()), groups, _stamp(status))


def _failed(file: Path, base: Path, cause: str) -> Found:
    name = base.name if file == base else file.relative_to(base).as_posix()
    return Found(_readable(str(file)), shown(name), [], None, cause)


def _readable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _cause(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
