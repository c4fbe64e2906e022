"""The parameters of a tool, as an extractor sees them: leaves of its schema, with the words they are described by."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tools.acting.extracting.text import content_stems, name_stems

DEEPEST = 3
_DEFAULT = re.compile(
    r"default(?:s|ed)?(?: value)?(?: (?:is|to(?: be)?|of))?[:=]?\s+['\"]?([\w./%+-]+)", re.IGNORECASE
)
_OPTION = re.compile(r"['\"‘“]([^'\"’”]{1,40})['\"’”]")
_EXAMPLE = re.compile(
    r"(?:e\.g\.?|i\.e\.?|such as|for example|example:)[,:]?\s+([^();]{2,40}?)(?=[.;)]|$)", re.IGNORECASE
)
_LISTED = re.compile(
    r"(?:e\.g\.?|i\.e\.?|such as|like|either|can be|could be|options?(?: are)?)[,:]?\s+([^.()]{2,120})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """path: where in the arguments it stands. kind: a JSON type; items: that of an array's items.

    options: the values of an enum, or those that the description names (then `closed` is false).
    name, about: stems. order: its place among all. shapes: of the examples described.
    default: as the schema or the description says, in lower case.
    """

    schema: Mapping[str, Any]
    path: tuple[str, ...]
    kind: str
    items: str
    options: tuple[Any, ...]
    closed: bool
    required: bool
    name: tuple[str, ...]
    about: tuple[str, ...]
    description: str
    default: str
    order: int
    shapes: frozenset[str] = frozenset()

    @property
    def form(self) -> str:
        """The format of its strings, such as date or email; empty where it has none."""
        if self.kind != "string":
            return ""
        is_address = "email" in self.name[-2:] and "address" in {*self.name, *self.about}
        return str(self.schema.get("format") or ("email" if is_address else ""))


def parameters(schema: Mapping[str, Any]) -> list[Parameter]:
    """The leaves of an object's schema, in order."""
    return [
        _parameter(path, about, required, order)
        for order, (path, about, required) in enumerate(_leaves(schema, schema, (), True))
    ]


def _leaves(
    schema: Mapping[str, Any], root: Mapping[str, Any], path: tuple[str, ...], needed: bool
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any], bool]]:
    required = set(schema.get("required", ()))
    for name, given in (schema.get("properties") or {}).items():
        about = _resolved(given, root)
        here = (*path, name)
        if _type(about) == "object" and about.get("properties") and len(here) < DEEPEST:
            yield from _leaves(about, root, here, needed and name in required)
        else:
            yield here, about, needed and name in required


def _resolved(about: Any, root: Mapping[str, Any], depth: int = 0) -> Mapping[str, Any]:
    """A schema with its own reference, and the first of its alternatives that is not null, put in place."""
    if not isinstance(about, dict) or depth > DEEPEST:
        return {}
    found = dict(about)
    several = found.pop("anyOf", None) or found.pop("oneOf", None) or found.pop("allOf", None) or ()
    reference = str(found.pop("$ref", ""))
    if reference.startswith("#/$defs/"):
        several = [root.get("$defs", {}).get(reference.removeprefix("#/$defs/")), *several]
    for one in several:
        other = _resolved(one, root, depth + 1)
        if other and other.get("type") != "null":
            return {**other, **found}
    return found


def _type(about: Mapping[str, Any]) -> str:
    """The first type that is not null; without one, a string."""
    given = about.get("type")
    kinds: Sequence[str] = [given] if isinstance(given, str) else given or ["string"]
    return next((kind for kind in kinds if kind != "null"), "string")


def _parameter(path: tuple[str, ...], about: Mapping[str, Any], required: bool, order: int) -> Parameter:
    said = str(about.get("description") or "")
    kind = _type(about)
    items = about.get("items") if isinstance(about.get("items"), dict) else {}
    assert isinstance(items, dict)  # noqa: S101 - for mypy: nothing else gets here
    enum = about.get("enum") or ([about["const"]] if "const" in about else ()) or items.get("enum") or ()
    words, formed = _described(said)
    form = str(about.get("format") or "")
    return Parameter(
        schema=about,
        path=path,
        kind=kind,
        items=_type(items) if kind == "array" else "",
        options=tuple(enum) or (formed if kind in ("string", "array") else ()),
        closed=bool(enum),
        required=required,
        name=tuple(stem for part in path for stem in name_stems(part)),
        about=(*words, *content_stems(form)),
        description=said,
        default=str(about["default"]).lower() if "default" in about else _default(said),
        order=order,
        shapes=_shapes(said),
    )


@lru_cache(maxsize=4096)
def _described(said: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Stems of a description, and the values that it names."""
    listed = [match[1] for match in _OPTION.finditer(said)]
    for match in _LISTED.finditer(said):
        listed += [one.strip(" '\"") for one in re.split(r",|\bor\b|\band\b|/", match[1])]
    options = dict.fromkeys(one for one in listed if 0 < len(one.split()) <= 3 and one != "etc")
    return tuple(dict.fromkeys(content_stems(said))), tuple(options)


@lru_cache(maxsize=4096)
def _shapes(said: str) -> frozenset[str]:
    """Of the examples in a description: "e.g. Boston, MA", 'ABC-12'."""
    found = [match[1] for match in _OPTION.finditer(said)]
    found += [match[1].strip(" '\"") for match in _EXAMPLE.finditer(said)]
    return frozenset(shape(one) for one in found if one)


def shape(text: str) -> str:
    """How a text is written: runs of capitals, small letters and digits, and the marks between."""
    return re.sub(r"\d+", "9", re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", text)))[:24]


def _default(said: str) -> str:
    match = _DEFAULT.search(said)
    return match[1].strip(".").lower() if match else ""
