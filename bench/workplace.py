"""`python -m bench.workplace [--runs 4] [--injections] [--no-model] [--guard off] [--rules shipped]`: the suite.

The agent machine, the MCP client over streamable HTTP, the server in a process of its own, a back end fresh for each
run; the model is scripted, behind the OpenAI protocol. Exit code 1 where a run is not right.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.workplace_parts import Guard, Rules, declared, serving
from evals.database import own_database
from evals.workplace import BackEnd, run
from evals.workplace_runs import Figures, Run, figures
from evals.workplace_tasks import FOLDER, Task, Turn, pairs, read
from tests.fixtures.model_server import ModelServer, Reply


def replies(turn: Turn) -> list[Reply]:
    """The model's messages; names without a server are the workplace's."""
    found = [
        Reply(step)
        if isinstance(step, str)
        else Reply("", calls=[(_full(name), given) for name, given in step])
        for step in turn.model
    ]
    return found if found and isinstance(turn.model[-1], str) else [*found, Reply("Done.")]


def _full(name: str) -> str:
    return name if "." in name else f"workplace.{name}"


@asynccontextmanager
async def suite(
    folder: Path, model: ModelServer | None, guard: Guard, rules: Rules
) -> AsyncIterator[BackEnd]:
    """Within, all parts are there; the caller has a database open."""
    from tools.mcp.pool import close_sessions
    from tools.models.opened import close_door

    named = {"URL": model.url, "NAME": "scripted", "KEY": "test-key"} if model else {}
    with serving(folder) as (back_end, port):
        variables = {f"KAIROS_MODEL_{name}": value for name, value in named.items()}
        with declared(folder, port, guard, rules, **variables):
            try:
                yield back_end
            finally:
                await close_sessions()
                await close_door()


async def measured(
    tasks: Sequence[Task], runs: int, scripted: bool = True, guard: Guard = "asks", rules: Rules = "suite"
) -> dict[str, list[Run]]:
    """So many runs of each task, in a database of their own."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(own_database())
        folder = Path(stack.enter_context(TemporaryDirectory()))
        model = stack.enter_context(ModelServer()) if scripted else None
        back_end = await stack.enter_async_context(suite(folder, model, guard, rules))
        found: dict[str, list[Run]] = {}
        for task in tasks:
            found[task.id] = [await _one(task, back_end, model) for _ in range(runs)]
            _say(found[task.id])
        return found


async def _one(task: Task, back_end: BackEnd, model: ModelServer | None) -> Run:
    if model is None:
        return await run(task, back_end, None)
    return await run(task, back_end, lambda turn: model.script(*replies(turn)))


def _say(runs: Sequence[Run]) -> None:
    task, wrong = runs[0].task, [one for one in runs if not one.right]
    print(f"{'right' if not wrong else 'WRONG'}  {task.kind:<24} {task.id}", file=sys.stderr)
    for one in wrong[:1]:
        for said in (*one.wrong, *(f"excess: {each}" for each in one.excess), *one.doubles):
            print(f"       {said}", file=sys.stderr)
        print(f"       it said: {one.answer[:160]!r}", file=sys.stderr)
        for call in one.made:
            print(f"       {call['tool']} {call['status']}: {call['result'][:160]!r}", file=sys.stderr)
        for description, answer in one.asked:
            print(f"       {answer}: {description[-160:]!r}", file=sys.stderr)


def _shown(name: str, found: Figures, k: int, seconds: float) -> dict[str, Any]:
    about = {"set": name, **asdict(found), "k": k, "seconds": round(seconds, 1)}
    print(
        f"{name}: {found.tasks} tasks, {found.runs} runs: success {found.success:.3f}, pass^{k} {found.pass_k:.3f}, "
        f"runs with unauthorised writes {found.unauthorised}, with double effects {found.doubles}, "
        f"with a doubted task {found.confirmed}, with a call held for its origins {found.held} ({seconds:.0f} s)",
        file=sys.stderr,
    )
    return about


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.workplace")
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--injections", action="store_true", help="the planted instructions and their twins")
    parser.add_argument("--no-model", action="store_true", help="the simple tasks, with no model")
    parser.add_argument("--guard", choices=("asks", "default", "off"), default="asks", help="the policy")
    parser.add_argument("--rules", choices=("suite", "shipped"), default="suite", help="of approval")
    parser.add_argument("--only", default="", help="tasks whose id begins so")
    options = parser.parse_args()
    tasks = pairs(FOLDER / "injections.yaml") if options.injections else read(FOLDER / "tasks.yaml")
    chosen = [
        one for one in tasks if one.id.startswith(options.only) and (one.simple or not options.no_model)
    ]
    if options.rules == "shipped":
        chosen = [alone for one in chosen if (alone := one.asker_alone())]
    started = time.perf_counter()
    found = await measured(chosen, options.runs, not options.no_model, options.guard, options.rules)
    seconds = time.perf_counter() - started
    kinds = sorted({task.kind for task in chosen})
    for kind in kinds:
        of_kind = {task.id: found[task.id] for task in chosen if task.kind == kind}
        _shown(
            f"  {kind}",
            figures(of_kind, options.runs),
            options.runs,
            sum(r.seconds for some in of_kind.values() for r in some),
        )
    print(json.dumps(_shown("all", figures(found, options.runs), options.runs, seconds)))
    return int(not all(one.right for some in found.values() for one in some))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
