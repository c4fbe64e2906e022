"""YAML files that people write: a mistake is told with file, line and key, and never with a value."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self, TypeVar

from pydantic import BaseModel, ValidationError

from state.errors import KairosError

if TYPE_CHECKING:
    import yaml

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The text of a file; its mistakes are KairosErrors with `code`."""

    path: Path
    text: str
    code: str

    @classmethod
    def read(cls, path: Path, code: str, what: str) -> Self:
        """The file at `path`; `what` names it for people. Raises KairosError `code`."""
        try:
            return cls(path, path.read_bytes().decode(), code)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise KairosError(code, f"The {what} {path} cannot be read: {reason}.") from None

    def parsed(self, kind: type[Model]) -> Model:
        """What the file holds; a key that is written twice is a mistake. Raises KairosError `code`."""
        import yaml

        try:
            loader = _loader()(self.text)
            root = loader.get_single_node()
            if again := _written_twice(root):
                self._refuse(*again, "this key is written twice")
            return kind.model_validate((loader.construct_document(root) if root else None) or {})
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "this is not YAML"
            self._refuse(mark.line + 1 if mark else 1, (), problem)
        except RecursionError:
            self._refuse(1, (), "it is nested too deeply")
        except ValidationError as error:
            wrong = error.errors(include_input=False)[0]
            self.refuse(wrong["loc"], wrong["msg"].removeprefix("Value error, "))
        except ValueError:  # PyYAML's own, such as for the number 0x_
            self._refuse(1, (), "a value in it cannot be read; write it in quotes")

    def refuse(self, place: Place, reason: str) -> NoReturn:
        """Tell a mistake at a place of the file. `reason` never holds the value: it may be a key that was pasted."""
        self._refuse(_line(_loader()(self.text).get_single_node(), place), place, reason)

    def _refuse(self, line: int, place: Place, reason: str) -> NoReturn:
        key = ".".join(str(step) for step in place)
        where = ", ".join([str(self.path), f"line {line}", key]).removesuffix(", ")
        raise KairosError(self.code, f"{where}: {reason}.") from None


@cache
def _loader() -> "type[yaml.SafeLoader]":
    """A safe loader for which on, off, yes and no are words and dates are text, as in YAML 1.2."""
    import yaml

    def plain(first: str, tag: str) -> bool:
        kind = tag.rpartition(":")[2]
        return kind == "timestamp" or (kind == "bool" and first not in ("t", "T", "f", "F"))

    resolvers = {
        first: [(tag, form) for tag, form in forms if not plain(first, tag)]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": resolvers})


def _written_twice(root: "yaml.Node | None") -> tuple[int, Place] | None:
    """Line and place of a key that its mapping has already."""
    import yaml

    waiting: list[tuple[yaml.Node | None, Place]] = [(root, ())]
    seen: set[int] = set()
    while waiting:
        node, place = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += ((child, (*place, index)) for index, child in enumerate(node.value))
        elif isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for key, value in node.value:
                if str(key.value) in names:
                    return key.start_mark.line + 1, (*place, str(key.value))
                names.add(str(key.value))
                waiting.append((value, (*place, str(key.value))))
    return None


def _line(node: "yaml.Node | None", place: Place) -> int:
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
