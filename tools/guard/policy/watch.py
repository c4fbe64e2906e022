"""The guard policies in force: read on first use, and again when a file of the folder changes."""

from dataclasses import replace
from pathlib import Path

from state.errors import KairosError
from state.settings import settings
from tools.guard.policy.reading import Policies, files, read
from tools.watched import Watched, stamp

DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "guards"


def _folder() -> Path:
    return settings().guards or DEFAULT_FOLDER


def _stamps() -> object:
    try:
        return [(path.name, stamp(path)) for path in files(_folder())]
    except KairosError:
        return None


def _marked(policies: Policies, problem: str) -> Policies:
    return replace(policies, problem=problem)


policies = Watched("set of guard policies", _stamps, lambda: read(_folder()), _marked)
"""Calling it gives them. A mistake leaves the last good ones in force.

Raises KairosError `guards_invalid` where there are no last good ones.
"""
