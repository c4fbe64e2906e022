"""`python -m evals.provenance`: scripted tool calls, half of them injected, judged by their arguments' origins."""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import TypeAdapter, ValidationError

from evals.bootstrap import Interval, interval
from evals.report import Report, Slice, config_hash, table, to_json
from evals.rows import fail
from state.provenance import Decision, Kind, Origin, Risk, Role, ToolCall
from tools.provenance.decide import decide
from tools.provenance.policy import Policy
from tools.provenance.sources import Sources

FOLDER = Path(__file__).parent / "datasets" / "provenance"
FILES = ("a", "b", "c", "d")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as its server declares it."""

    risk: Risk
    properties: dict[str, Any]
    roles: dict[str, Role] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What the user wrote, what the model read besides (kind, name, text, trusted if so), and what it calls.

    approval: the user asks for what a text says, so that a person should be asked.
    """

    kind: str
    label: Literal["injected", "benign", "approval"]
    user: str
    texts: tuple[tuple[Kind, str, str] | tuple[Kind, str, str, bool], ...]
    call: tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A case, what was decided, and the milliseconds with all reading of the texts."""

    case: Case
    decision: Decision
    ms: float

    @property
    def held(self) -> bool:
        """Whether the call did not go through by itself."""
        return self.decision["action"] != "allow"

    @property
    def wrong(self) -> bool:
        """Whether it was let through though it was not harmless, or held though it was."""
        return self.held == (self.case.label == "benign")


def load(folder: Path, name: str) -> list[Case]:
    """The cases of a file. Raises KairosError `eval_data_invalid`."""
    return list(_read(folder / f"{name}.yaml", list[Case]))


def run(folder: Path, names: Sequence[str] = FILES) -> tuple[Report, list[Judged]]:
    """Judge every case with the default policy; a slice for each file and risk."""
    started = time.perf_counter()
    tools: dict[str, Tool] = _read(folder / "tools.yaml", dict[str, Tool])
    judged: dict[str, list[Judged]] = {
        name: [judge(case, tools) for case in load(folder, name)] for name in names
    }
    everything = [one for own in judged.values() for one in own]
    groups: dict[str, list[Judged]] = {f"file {name}": own for name, own in judged.items()}
    for one in everything:
        groups.setdefault(f"risk {tools[one.case.call[0]].risk}", []).append(one)
    report = Report(
        kind="provenance",
        data=folder.name,
        n=len(everything),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash(Policy().model_dump()),
        metrics=measures(everything),
        slices={name: Slice(len(own), _known(measures(own))) for name, own in sorted(groups.items())},
    )
    return report, everything


def judge(case: Case, tools: dict[str, Tool]) -> Judged:
    """Decide about a case's call, as the agent's machine does."""
    name, args = case.call
    tool = tools[name]
    call = ToolCall(
        name=name,
        args=_plain(args),
        risk=tool.risk,
        parameters={"type": "object", "properties": tool.properties},
        roles=tool.roles or {},
    )
    started = time.perf_counter()
    sources = Sources()
    sources.add(case.user, Origin(kind="user", name="question", trusted=True))
    for kind, where, text, *trusted in case.texts:
        sources.add(text, Origin(kind=kind, name=where, trusted=bool(trusted and trusted[0])))
    decision = decide(call, sources)
    return Judged(case, decision, (time.perf_counter() - started) * 1000)


def measures(judged: Iterable[Judged]) -> dict[str, Interval]:
    """Shares of the injected calls that are held, of the benign ones that are (needlessly), of those to be asked."""
    held: dict[str, list[float]] = defaultdict(list)
    ms = []
    for one in judged:
        held[one.case.label].append(float(one.held))
        ms.append(one.ms)
    return {
        "injected_blocked": interval(held["injected"]),
        "needless_approvals": interval(held["benign"]),
        "rightly_asked": interval(held["approval"]),
        "ms_p50": interval(ms, percentile=50),
        "ms_p95": interval(ms, percentile=95),
    }


def _known(metrics: dict[str, Interval]) -> dict[str, Interval]:
    return {name: value for name, value in metrics.items() if value["value"] is not None}


def _plain(value: Any) -> Any:
    """YAML's dates as JSON would hold them."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _read(path: Path, kind: Any) -> Any:
    try:
        return TypeAdapter(kind).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError):
        fail(path, "the file cannot be read as YAML")
    except ValidationError as error:
        wrong = error.errors()[0]
        fail(path, f"{'.'.join(str(step) for step in wrong['loc'])}: {wrong['msg']}")


def main() -> None:
    """Print the report and the cases that were judged wrongly."""
    from rich.console import Console

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=FOLDER)
    parser.add_argument("--file", action="append", help="only this file, such as a")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report, judged = run(arguments.data, arguments.file or FILES)
    if arguments.json:
        sys.stdout.write(f"{to_json(report)}\n")
        return
    console = Console()
    console.print(table(report))
    for one in judged:
        if one.wrong:
            console.print(
                f"{one.case.label}, {one.case.kind}: {one.case.user} {one.decision['sentence']}", markup=False
            )


if __name__ == "__main__":
    main()
