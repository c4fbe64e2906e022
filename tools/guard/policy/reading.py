"""Reading a folder of guard policies: a mistake is told with file, line and key."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from state.errors import KairosError
from tools.guard.policy.rules import Policy, Scope
from tools.yaml_file import Place, YamlFile

CODE = "guards_invalid"
HASH = 12
"""Hexadecimal digits of a policy's hash."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a folder, by whom they are for; `problem`: why newer files are not in force."""

    folder: Path
    all: tuple[Policy, ...]
    by_scope: Mapping[Scope, Policy]
    problem: str | None = None

    def of(self, tenant: str, collection: str | None = None) -> Policy:
        """Of tenant and collection, else of the collection, else of the tenant, else the default."""
        scopes: tuple[Scope, ...] = ((tenant, collection), (None, collection), (tenant, None), (None, None))
        return next(self.by_scope[scope] for scope in scopes if scope in self.by_scope)


def read(folder: Path) -> Policies:
    """The policies of the YAML files of a folder, in the order of their names. Raises KairosError `guards_invalid`."""
    found: list[Policy] = []
    by_scope: dict[Scope, Policy] = {}
    for path in files(folder):
        policy, file = _read(path)
        if any(policy.name == other.name for other in found):
            file.refuse(("name",), "another policy has this name")
        for number, scope in enumerate(policy.scopes()):
            if scope in by_scope:
                file.refuse(_place(policy, number), f"the policy {by_scope[scope].name!r} is for the same")
            by_scope[scope] = policy
        found.append(policy)
    if (None, None) not in by_scope:
        sentence = f"{folder}: there is no default policy, which has neither tenants nor collections."
        raise KairosError(CODE, sentence)
    return Policies(folder, tuple(found), by_scope)


def read_policy(path: Path) -> Policy:
    """The policy of one file. Raises KairosError `guards_invalid`."""
    return _read(path)[0]


def files(folder: Path) -> list[Path]:
    """The YAML files of a folder, but hidden ones. Raises KairosError `guards_invalid`."""
    try:
        there = sorted(folder.iterdir())
    except OSError as error:
        raise KairosError(CODE, f"The guard policies {folder} cannot be read: {error.strerror}.") from None
    return [path for path in there if path.suffix in (".yaml", ".yml") and not path.name.startswith(".")]


def _read(path: Path) -> tuple[Policy, YamlFile]:
    file = YamlFile.read(path, CODE, "guard policy")
    policy = file.parsed(Policy)
    if "hash" in policy.model_fields_set:
        file.refuse(("hash",), "it is worked out from the file, and cannot be set")
    digest = hashlib.sha256(file.text.encode()).hexdigest()[:HASH]
    return policy.model_copy(update={"hash": digest}), file


def _place(policy: Policy, number: int) -> Place:
    """Where the file says whom it is for, of the scope with this number."""
    if policy.collections:
        return ("collections", number % len(policy.collections))
    return ("tenants", number) if policy.tenants else ("name",)
