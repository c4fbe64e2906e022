"""What an ingest has to do: what is found compared with what is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from state.postgres.files import Planned

PASSING = ("file_unreadable", "database_unavailable", "parse_timeout", "parse_crashed", "parse_out_of_memory")
"""Failures that may be gone the next time; any other is that of the bytes, which are not read again unchanged."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a source holds now: `uri` is the file's identity, an equal `stamp` means that it is unchanged."""

    uri: str
    path: str
    groups: tuple[str, ...]
    stamp: str | None
    source: int | None
    error: str | None = None


@dataclass(slots=True)
class Plan:
    """Files to read, those that cannot be, and known ones: as they were, as broken as before, in other groups."""

    read: list[Planned] = field(default_factory=list)
    unreadable: list[Listed] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    quarantined: list[int] = field(default_factory=list)
    groups_of: dict[int, Sequence[str]] = field(default_factory=dict)


def compare(
    listed: Iterable[Listed], known: Iterable[Mapping[str, Any]], recipe: str, named: Sequence[str]
) -> Plan:
    """The plan for what is listed; `known` rows are those of `files.of_collection`, `named` the uris a person gave.

    A file that is new, changed or made by another recipe is read. Its groups change whether it is read or not.
    """
    rows = {row["uri"]: row for row in known}
    plan = Plan()
    for file in listed:
        row = rows.get(file.uri)
        if row and row["status"] == "excluded" and file.uri not in named:
            continue
        if row and tuple(row["groups"]) != file.groups and not file.error:
            plan.groups_of[row["id"]] = file.groups
        if file.error:
            plan.unreadable.append(file)
        elif row and _same(row, file, recipe):
            (plan.unchanged if row["status"] == "stored" else plan.quarantined).append(row["id"])
        else:
            plan.read.append(Planned(file.uri, file.path, file.groups, file.source))
    return plan


def _same(row: Mapping[str, Any], file: Listed, recipe: str) -> bool:
    if row["stamp"] is None or row["stamp"] != file.stamp:
        return False
    if row["status"] == "failed":
        return row["code"] not in PASSING
    return bool(row["status"] == "stored" and row["recipe"] == recipe)
