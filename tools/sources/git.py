"""A git repository: its newest commit, fetched without history into KAIROS_HOME and read without a working tree.

Blobs are read by their id, so no hook, filter, link, submodule or attribute of the repository has any effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from state.errors import KairosError
from tools.access import FILE_NAMES, AccessFiles
from tools.sources.git_remote import parse
from tools.sources.git_run import Repository
from tools.sources.source import LARGEST, Fetched, Found, Source, shown

_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a tree names: `mode` 100… is a file, 120000 a link, 160000 a submodule; `size` in bytes."""

    path: PurePosixPath
    mode: str
    blob: str
    size: int

    @property
    def is_file(self) -> bool:
        return self.mode.startswith("100")


def check(source: Source) -> None:
    """An https, ssh or file URL without password; options `branch` and `path`."""
    parse(source.location)
    if unknown := set(source.options) - {"branch", "path"}:
        raise KairosError("source_invalid", f"A git source has no option {min(unknown)!r}.")
    branch, path = source.options.get("branch", ""), PurePosixPath(source.options.get("path", ""))
    if branch.startswith(("-", "/", ".")) or any(c in branch for c in " \t\n~^:?*[\\@") or ".." in branch:
        raise KairosError("source_invalid", f"{branch!r} is not the name of a branch.")
    if path.is_absolute() or ".." in path.parts:
        raise KairosError("source_invalid", f"{str(path)!r} is not a path inside a repository.")


def own_means(source: Source) -> str | None:
    """The path of a repository on this machine, or the URL of one that is read with its ssh keys."""
    remote = parse(source.location)
    if remote.scheme == "https":
        return None
    return remote.path if remote.scheme == "file" else source.location


async def list_files(source: Source, groups: Sequence[str]) -> list[Found]:
    """The files of the newest commit, stamped by blob id; hidden files, links and submodules are passed over."""
    repository = _repository(source)
    await repository.update()
    entries = await _tree(repository)
    under = PurePosixPath(source.options.get("path", ""))
    wanted = [entry for entry in entries if entry.path.is_relative_to(under) and _is_listed(entry)]
    if not wanted and under.parts:
        raise KairosError("git_failed", f"{shown(source.location)} has no files under {shown(str(under))!r}.")
    rules = await _access_files(repository, entries)
    access = AccessFiles(lambda file: rules.get(PurePosixPath(file)))
    return [_describe(source, entry, access.groups(entry.path, groups)) for entry in wanted]


async def fetch(source: Source, uri: str, stamp: str | None) -> Fetched | None:
    """The bytes of a file in the newest commit that was listed."""
    path = uri.removeprefix(_prefix(source))
    name = shown(PurePosixPath(path).name)
    repository = _repository(source)
    there = await _tree(repository, path)
    if not there or not _is_listed(there[0]):
        raise KairosError("source_gone", f"{shown(path)} is not in the repository any more.")
    if there[0].blob == stamp:
        return None
    if there[0].size > LARGEST:
        raise KairosError("file_too_large", f"{name} is larger than {LARGEST // 1_000_000} MB.")
    data = await repository.run("cat-file", "blob", there[0].blob)
    if data.startswith(_LFS):
        raise KairosError(
            "file_unreadable", f"{name} lies in Git LFS: the repository holds only a pointer to it."
        )
    return Fetched(data, there[0].blob, name)


async def _tree(repository: Repository, *only: str) -> list[_Entry]:
    narrowed = [f":(literal){path}" for path in only]
    listed = await repository.run("ls-tree", "-r", "-z", "--long", "HEAD", "--", *narrowed)
    return [_entry(line) for line in listed.split(b"\0") if line]


def _entry(line: bytes) -> _Entry:
    """`mode type id size TAB path`, where the size of a submodule is a dash."""
    about, _, path = line.partition(b"\t")
    mode, _, blob, size = about.decode().split()
    return _Entry(
        PurePosixPath(path.decode("utf-8", "surrogateescape")), mode, blob, int(size.strip("-") or 0)
    )


def _is_listed(entry: _Entry) -> bool:
    hidden = any(part.startswith(".") for part in entry.path.parts)
    return entry.is_file and not hidden and entry.path.name not in FILE_NAMES


def _describe(source: Source, entry: _Entry, groups: list[str]) -> Found:
    uri, name = _prefix(source) + str(entry.path), shown(str(entry.path))
    try:
        uri.encode()
    except UnicodeEncodeError:
        return Found(shown(uri), name, [], None, "its name is not valid UTF-8")
    return Found(uri, name, groups, entry.blob)


async def _access_files(repository: Repository, entries: Sequence[_Entry]) -> dict[PurePosixPath, bytes]:
    """The access files of the whole repository: those above a narrower path speak of it too."""
    rules = {}
    for entry in entries:
        if entry.path.name in FILE_NAMES:
            if not entry.is_file:
                raise KairosError(
                    "access_invalid", f"{shown(str(entry.path))} is not a file, so nothing was ingested."
                )
            rules[entry.path] = await repository.run("cat-file", "blob", entry.blob)
    return rules


def _repository(source: Source) -> Repository:
    return Repository(parse(source.location), source.options.get("branch", ""))


def _prefix(source: Source) -> str:
    branch = source.options.get("branch")
    return f"{source.location}{f'@{branch}' if branch else ''}#"
