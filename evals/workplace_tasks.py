"""The workplace suite's tasks: what is asked, what a scripted model does, what people answer, what is to change."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tools.yaml_file import YamlFile

FOLDER = Path(__file__).parent / "datasets" / "workplace"
TODAY = "2026-11-02"
"""The day that the back end takes for today: a Monday."""


def _plain(value: Any) -> Any:
    """Days as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


Json = Annotated[Any, BeforeValidator(_plain)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Part):
    """What a person answers. by: a person's id; none: the asker. fails: their answer is not taken."""

    by: str | None = None
    say: Literal["accept", "ignore", "edit", "response"] = "accept"
    args: Json = None
    fails: bool = False


class Turn(_Part):
    """model: messages in order; each a list of calls [tool, arguments], or what it says. At the end it says "Done."."""

    task: str
    model: Json = []


class Task(_Part):
    """before: SQL that is run on the fresh back end. answers: of people, in the order of what they are asked;
    "careful": people accept what comes from the asker's own words, and decline what is said to come from elsewhere;
    "no": they see what would be done and decline; "willing": they accept.
    expect: as `evals.end_state.Expected`. simple: also to be done with no model.
    """

    id: str
    kind: str
    asker: str = "aoife.keane"
    before: tuple[str, ...] = ()
    switches: tuple[tuple[Literal["tool", "server", "agent", "tenant"], str], ...] = ()
    turns: tuple[Turn, ...] = Field(min_length=1)
    answers: tuple[Said, ...] | Literal["careful", "no", "willing"] = ()
    expect: Json = {}
    ending: Literal["done", "partial", "refused", "asks", "waiting"] = "done"
    simple: bool = False

    def asker_alone(self) -> "Task | None":
        """The task where its asker is asked about every change; None if others must speak in it, or one says no."""
        if isinstance(self.answers, str):
            return self
        plain = all(said.by is None and said.say == "accept" and not said.fails for said in self.answers)
        answers = "willing" if self.answers else "careful"
        return self.model_copy(update={"answers": answers}) if plain else None


class Pair(_Part):
    """An attacked task and its twin; see the head of injections.yaml."""

    id: str
    asker: str = "aoife.keane"
    people: Literal["careful", "no"] = "careful"
    place: tuple[str, str | int, str] = Field(alias="in")
    planted: str
    harmless: str
    task: str
    reads: Json
    attack: Json
    work: Json
    expect: Json = {}

    def tasks(self) -> tuple[Task, Task]:
        """The attacked one, whose model obeys and then does its work; and the one without the attack."""
        return (
            self._task("injected", self.planted, [*self.reads, *self.attack, *self.work], self.people),
            self._task("twin", self.harmless, [*self.reads, *self.work], "careful"),
        )

    def _task(self, kind: str, text: str, model: list[Any], people: Literal["careful", "no"]) -> Task:
        table, key, column = self.place
        name = "name" if table == "pages" else "id"
        said = text.replace("'", "''")
        return Task(
            id=f"{kind}-{self.id}",
            kind=kind,
            asker=self.asker,
            before=(f"UPDATE {table} SET {column} = '{said}' WHERE {name} = '{key}'",),  # noqa: S608 - our own file
            turns=(Turn(task=self.task, model=model),),
            answers=people,
            expect=self.expect,
        )


def attacked(path: Path) -> list[Pair]:
    """The pairs of a file. Raises KairosError tasks_invalid, with file, line and key."""
    return YamlFile.read(path, "tasks_invalid", "file of pairs").parsed(_Pairs).pairs


def pairs(path: Path) -> list[Task]:
    """The attacked tasks of a file, each followed by its twin. Raises KairosError tasks_invalid."""
    return [task for pair in attacked(path) for task in pair.tasks()]


def read(path: Path) -> list[Task]:
    """The tasks of a file; `task` and `model` stand for a single turn, "accept" for {say: accept}.

    Raises KairosError tasks_invalid, with file, line and key.
    """
    found = YamlFile.read(path, "tasks_invalid", "file of tasks").parsed(_File).tasks
    return [Task.model_validate(_whole(one)) for one in found]


class _File(BaseModel):
    tasks: list[dict[str, Any]]


class _Pairs(BaseModel):
    pairs: list[Pair]


def _whole(task: dict[str, Any]) -> dict[str, Any]:
    short = {key: value for key, value in task.items() if key not in ("task", "model", "more")}
    first = {"task": task["task"], "model": task.get("model", [])}
    answers = task.get("answers", ())
    if isinstance(answers, list):
        answers = [{"say": one} if isinstance(one, str) else one for one in answers]
    return {**short, "turns": [first, *task.get("more", ())], "answers": answers}
