"""Reading the catalog file: a mistake is told with file, line and key."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from state.errors import KairosError
from tools.models.entry import Entry
from tools.models.policy import Policy

if TYPE_CHECKING:
    import yaml

Place = tuple[str | int, ...]


class Catalog(BaseModel):
    """A catalog file: its entries in order of preference, and the routing policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Entry, ...] = Field(min_length=1)
    routing: Policy = Policy()


def read(path: Path, also: Iterable[str] = ()) -> Catalog:
    """The catalog in a file; `also` are names of entries outside it, which its routing may name.

    Raises KairosError `catalog_invalid`.
    """
    try:
        return parse(path.read_text(encoding="utf-8"), path, also)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise KairosError("catalog_invalid", f"The model catalog {path} cannot be read: {reason}.") from None


def parse(text: str, path: Path, also: Iterable[str] = ()) -> Catalog:
    """The catalog that a file's text holds; `path` is for errors. Raises KairosError `catalog_invalid`."""
    import yaml

    try:
        root = yaml.compose(text, yaml.SafeLoader)
        found = Catalog.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        _fail(path, mark.line + 1 if mark else 1, (), getattr(error, "problem", None) or "this is not YAML")
    except ValidationError as error:
        wrong = error.errors(include_input=False)[0]
        _fail(path, line_of(root, wrong["loc"]), wrong["loc"], wrong["msg"].removeprefix("Value error, "))
    for place, reason in _contradictions(found, also):
        _fail(path, line_of(root, place), place, reason)
    return found


def _contradictions(found: Catalog, also: Iterable[str]) -> Iterator[tuple[Place, str]]:
    """What is wrong between parts that are right by themselves."""
    names = [entry.name for entry in found.models]
    for name, count in Counter(names).items():
        if count > 1:
            last = max(index for index, other in enumerate(names) if other == name)
            yield ("models", last, "name"), f"the name {name!r} is taken"
    known = {*names, *also}
    for place, name in found.routing.named():
        if name not in known:
            yield ("routing", *place), f"there is no model {name!r} in this catalog"


def _fail(path: Path, line: int, place: Place, reason: str) -> NoReturn:
    """`reason` never holds the value, which may be a key that somebody pasted into the file."""
    where = ", ".join([str(path), f"line {line}", ".".join(str(step) for step in place)]).removesuffix(", ")
    raise KairosError("catalog_invalid", f"{where}: {reason}.") from None


def line_of(node: "yaml.Node | None", place: Place) -> int:
    """The line (from 1) of the deepest YAML node on the path `place`."""
    import yaml

    line = node.start_mark.line if node else 0
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = (node.value[step], node.value[step])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return line + 1
