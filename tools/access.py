"""Who may read which file: `access.yaml` beside the files, or in the nearest folder above them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from state.errors import KairosError

FILE_NAMES = ("access.yaml", "access.yml")


class Rule(BaseModel):
    """Files whose path matches one of the globs are for these groups only; none means the whole tenant.

    A glob without a slash is held against the file's name, others against the path (`**` crosses folders).
    """

    model_config = ConfigDict(extra="forbid")

    paths: list[str]
    groups: list[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one access file; globs are relative to `folder`, the first match wins."""

    folder: PurePath
    rules: tuple[Rule, ...]

    def groups(self, file: PurePath) -> list[str] | None:
        """The groups that may read a file, or None if no rule speaks of it."""
        path = file.relative_to(self.folder).as_posix()
        for rule in self.rules:
            if any(_matches(path, glob) for glob in rule.paths):
                return sorted(set(rule.groups))
        return None


def read_disk(file: PurePath) -> bytes | None:
    """The bytes of an access file on disk, None if there is none."""
    # A dangling link or a folder of that name is refused by reading it: nobody meant "no rules".
    return Path(file).read_bytes() if os.path.lexists(file) else None


class AccessFiles:
    """The access files of one walk over folders, each read once; `read` gives None for a file that is not there."""

    def __init__(self, read: Callable[[PurePath], bytes | None] = read_disk) -> None:
        self._read = read
        self._rules: dict[PurePath, Rules | None] = {}

    def groups(self, file: PurePath, default: Sequence[str]) -> list[str]:
        """The groups that may read a file: by the nearest access file with a rule for it, else the default."""
        for folder in file.parents:
            if folder not in self._rules:
                self._rules[folder] = self._of(folder)
            rules = self._rules[folder]
            found = rules.groups(file) if rules else None
            if found is not None:
                return found
        return sorted(set(default))

    def _of(self, folder: PurePath) -> Rules | None:
        there = [rules for name in FILE_NAMES if (rules := self._parsed(folder / name)) is not None]
        if len(there) > 1:
            raise KairosError(
                "access_invalid",
                f"{folder} has both {' and '.join(FILE_NAMES)}, so nothing was ingested: keep one of them.",
            )
        return Rules(folder, there[0]) if there else None

    def _parsed(self, file: PurePath) -> tuple[Rule, ...] | None:
        import yaml

        try:
            data = self._read(file)
            return None if data is None else _parse(data)
        except yaml.YAMLError as error:
            cause = " ".join(str(error).split())
        except ValidationError as error:
            first = error.errors()[0]
            cause = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        except (OSError, ValueError, RecursionError) as error:
            cause = str(error)
        raise KairosError("access_invalid", f"{file} cannot be used, so nothing was ingested: {cause}.")


def _parse(data: bytes) -> tuple[Rule, ...]:
    import yaml

    rules = yaml.safe_load(data.decode("utf-8"))
    return tuple(TypeAdapter(list[Rule]).validate_python([] if rules is None else rules))


def _matches(path: str, glob: str) -> bool:
    if "/" not in glob:
        return fnmatchcase(path.rsplit("/", 1)[-1], glob)
    whole = f"{glob}**" if glob.endswith("/") else glob
    return _steps_match(path.split("/"), whole.removeprefix("/").split("/"))


def _steps_match(path: Sequence[str], globs: Sequence[str]) -> bool:
    if not globs:
        return not path
    if globs[0] == "**":
        return any(_steps_match(path[skipped:], globs[1:]) for skipped in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], globs[0]) and _steps_match(path[1:], globs[1:])
