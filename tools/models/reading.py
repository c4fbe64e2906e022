"""Reading the catalog file: a mistake is told with file, line and key."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tools.models.entry import Entry
from tools.models.policy import Policy
from tools.yaml_file import Place, YamlFile


class Catalog(BaseModel):
    """A catalog file: its entries in order of preference, and the routing policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Entry, ...] = Field(min_length=1)
    routing: Policy = Policy()


def read(path: Path, also: Iterable[str] = ()) -> Catalog:
    """The catalog in a file; `also` are names of entries outside it, which its routing may name.

    Raises KairosError `catalog_invalid`.
    """
    return _checked(YamlFile.read(path, "catalog_invalid", "model catalog"), also)


def parse(text: str, path: Path, also: Iterable[str] = ()) -> Catalog:
    """The catalog that a file's text holds; `path` is for errors. Raises KairosError `catalog_invalid`."""
    return _checked(YamlFile(path, text, "catalog_invalid"), also)


def _checked(file: YamlFile, also: Iterable[str]) -> Catalog:
    found = file.parsed(Catalog)
    for place, reason in _contradictions(found, also):
        file.refuse(place, reason)
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
