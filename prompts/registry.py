"""The prompts by name: read on first use, checked, hashed, and rendered to messages."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    import yaml
    from langchain_core.messages import BaseMessage

_FOLDER = Path(__file__).parent


class PromptError(ValueError):
    """A prompt with a mistake, or used in a wrong way: one sentence that names file, line and key."""


class Example(BaseModel):
    """A worked example, sent before the real messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: dict[str, str]
    answer: str


class Prompt(BaseModel):
    """Templates with variables in braces, as in str.format; `user` holds one for each human message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int = Field(ge=1)
    description: str = Field(min_length=1)
    variables: tuple[str, ...]
    system: str
    user: tuple[str, ...] = Field(min_length=1)
    examples: tuple[Example, ...] = ()
    hash: str

    def messages(self, **variables: str) -> "list[BaseMessage]":
        """System, examples, user; a value is inserted as it is, braces and all. Raises PromptError."""
        _check_values(f"prompts/{self.name}.yaml", self.variables, variables)
        from langchain_core.messages import AIMessage, SystemMessage

        rendered: list[BaseMessage] = [SystemMessage(_fill(self.system, variables))]
        for example in self.examples:
            rendered += self._user(example.values)
            rendered.append(AIMessage(example.answer))
        return rendered + self._user(variables)

    def _user(self, values: Mapping[str, str]) -> "list[BaseMessage]":
        from langchain_core.messages import HumanMessage

        return [HumanMessage(_fill(template, values)) for template in self.user]


def names() -> list[str]:
    """The names of all prompts, sorted. Reads the folder."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@lru_cache
def load(name: str) -> Prompt:
    """The prompt of that name, with the first 12 hex digits of its file's SHA-256 as `hash`.

    Reads a file the first time: from async code, call it through asyncio.to_thread. Raises PromptError.
    """
    path = _FOLDER / f"{name}.yaml"
    try:
        return parse(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise PromptError(f"There is no prompt {name!r}; there are: {', '.join(names())}.") from None


def parse(text: str, path: Path) -> Prompt:
    """The prompt that a file's text holds; `path` is for its name and for errors. Raises PromptError."""
    import yaml

    where = f"prompts/{path.name}"
    try:
        lines = _lines(yaml.compose(text, yaml.SafeLoader))
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        prompt = Prompt.model_validate({**yaml.safe_load(text), "hash": digest})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise PromptError(f"{where}, line {mark.line + 1 if mark else 1}: this is not YAML.") from None
    except ValidationError as error:
        wrong = error.errors()[0]
        key = ".".join(str(step) for step in wrong["loc"])
        line = lines.get(str(wrong["loc"][0]), 1)
        raise PromptError(f"{where}, line {line}, {key}: {wrong['msg']}.") from None
    for key, reason in _mistakes(prompt, path.stem):
        raise PromptError(f"{where}, line {lines[key]}, {key}: {reason}.")
    return prompt


def _lines(root: "yaml.Node | None") -> dict[str, int]:
    """The line (from 1) of each key at the top."""
    import yaml

    if not isinstance(root, yaml.MappingNode):
        raise yaml.YAMLError
    return {key.value: key.start_mark.line + 1 for key, _ in root.value}


def _mistakes(prompt: Prompt, stem: str) -> Iterator[tuple[str, str]]:
    """Each mistake of a well-formed prompt: the key it is in, and what is wrong."""
    if prompt.name != stem:
        yield "name", f"the name is not that of the file, {stem!r}"
    used: set[str] = set()
    for key, template in [("system", prompt.system), *(("user", template) for template in prompt.user)]:
        try:
            fields = _fields(template)
        except ValueError as error:
            yield key, str(error)
            continue
        used |= fields
        for name in sorted(fields - set(prompt.variables)):
            yield key, f"the variable {name!r} is not declared"
    for name in prompt.variables:
        if name not in used:
            yield "variables", f"{name!r} is declared and never used"
    for example in prompt.examples:
        if set(example.values) != set(prompt.variables):
            yield "examples", "the values of an example are not the variables of the prompt"


def _fields(template: str) -> set[str]:
    """The variables of a template; ValueError for anything but a plain name in braces."""
    found = set()
    for _, field, spec, conversion in Formatter().parse(template):
        if field is not None:
            if not field.isidentifier() or spec or conversion:
                raise ValueError(f"{{{field}}} is not a plain variable (write {{{{ and }}}} for braces)")
            found.add(field)
    return found


def _fill(template: str, values: Mapping[str, str]) -> str:
    parts = Formatter().parse(template)
    return "".join(text + (values[field] if field else "") for text, field, _, _ in parts)


def _check_values(where: str, declared: tuple[str, ...], given: Mapping[str, str]) -> None:
    for name in declared:
        if name not in given:
            raise PromptError(f"{where}: the variable {name!r} was not given.")
    for name in given:
        if name not in declared:
            raise PromptError(f"{where}: the variable {name!r} is not declared.")
