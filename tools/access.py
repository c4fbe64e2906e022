"""Who may read which file: `access.yaml` beside the files, or in the nearest folder above them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from state.errors import KairosError

FILE_NAME = "access.yaml"


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

    folder: Path
    rules: tuple[Rule, ...]

    def groups(self, file: Path) -> list[str] | None:
        """The groups that may read a file, or None if no rule speaks of it."""
        path = file.relative_to(self.folder).as_posix()
        for rule in self.rules:
            if any(_matches(path, glob) for glob in rule.paths):
                return sorted(set(rule.groups))
        return None


class AccessFiles:
    """The access files of one walk over folders, each read once."""

    def __init__(self) -> None:
        self._rules = lru_cache(maxsize=None)(_rules)

    def groups(self, file: Path, default: Sequence[str]) -> list[str]:
        """The groups that may read a file: by the nearest access file with a rule for it, else the default."""
        for folder in file.parents:
            rules = self._rules(folder)
            found = rules.groups(file) if rules else None
            if found is not None:
                return found
        return sorted(set(default))


def _rules(folder: Path) -> Rules | None:
    file = folder / FILE_NAME
    # A dangling link or a folder of that name is refused by reading it: nobody meant "no rules".
    return Rules(folder, _read(file)) if os.path.lexists(file) else None


def _read(file: Path) -> tuple[Rule, ...]:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        return tuple(TypeAdapter(list[Rule]).validate_python([] if data is None else data))
    except yaml.YAMLError as error:
        cause = " ".join(str(error).split())
    except ValidationError as error:
        first = error.errors()[0]
        cause = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (OSError, ValueError, RecursionError) as error:
        cause = str(error)
    raise KairosError("access_invalid", f"{file} cannot be used, so nothing was ingested: {cause}.")


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
