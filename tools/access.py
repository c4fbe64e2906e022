"""Who may read which file: `access.yaml` beside the files, or in the nearest folder above them."""

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
    """Files whose path matches one of the globs (`**` crosses folders) are for these groups only."""

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
        self._nearest = lru_cache(maxsize=None)(self._find)

    def groups(self, file: Path, default: Sequence[str]) -> list[str]:
        """The groups that may read a file; a rule of the nearest access file overrides the default."""
        rules = self._nearest(file.parent)
        found = rules.groups(file) if rules else None
        return sorted(set(default)) if found is None else found

    def _find(self, folder: Path) -> Rules | None:
        file = folder / FILE_NAME
        if file.is_file():
            return Rules(folder, _read(file))
        return None if folder.parent == folder else self._nearest(folder.parent)


def _read(file: Path) -> tuple[Rule, ...]:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        return tuple(TypeAdapter(list[Rule]).validate_python(data or []))
    except yaml.YAMLError as error:
        cause = " ".join(str(error).split())
    except ValidationError as error:
        first = error.errors()[0]
        cause = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (OSError, UnicodeDecodeError) as error:
        cause = str(error)
    raise KairosError("access_invalid", f"{file} cannot be used, so nothing was ingested: {cause}.")


def _matches(path: str, glob: str) -> bool:
    if "/" not in glob:
        return fnmatchcase(path.rsplit("/", 1)[-1], glob)
    return fnmatchcase(path, glob.replace("**", "*"))
