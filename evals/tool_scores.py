"""Whether a call is the one that was expected."""

import re
from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any

_LIGHT = re.compile(r"[\s,./\-_*^'\"]+")


def same_calls(made: Sequence[tuple[str, Mapping[str, Any]]], expected: Sequence[Mapping[str, Any]]) -> bool:
    """All calls that were expected and no other, in any order (name and arguments each)."""
    if len(made) != len(expected):
        return False
    left = list(made)
    for call in expected:
        match = next((one for one in left if same_call(*one, call)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def same_call(name: str, arguments: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """The right name, every argument an accepted value, and none left out that may not be."""
    return name == expected["name"] and _same_object(arguments, expected["arguments"])


def accepted(value: Any, values: Sequence[Any]) -> bool:
    """Whether it is one of the accepted values."""
    return any(_same(value, one) for one in values)


def _same_object(given: Mapping[str, Any], expected: Mapping[str, Sequence[Any]]) -> bool:
    if set(given) - set(expected):
        return False
    return all(
        accepted(given[name], values) if name in given else "" in values for name, values in expected.items()
    )


def _same(value: Any, other: Any) -> bool:
    """Strings are compared in lower case, without blanks, quotes and , . / - _ * ^ as the data's source has it."""
    match value, other:
        case bool(), _:
            return value is other
        case ((int() | float()), (int() | float())):
            return not isinstance(other, bool) and isclose(value, other, rel_tol=1e-9)
        case str(), str():
            return _plain(value) == _plain(other)
        case list(), list():
            return len(value) == len(other) and all(map(_same, value, other))
        case dict(), dict():
            return _same_object(value, {key: _listed(one) for key, one in other.items()})
    return False


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _plain(text: str) -> str:
    return _LIGHT.sub("", text).lower()
