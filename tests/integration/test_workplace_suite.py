"""A sample of the workplace suite through the real agent, client and server; its attacks would work without them."""

from datetime import date
from pathlib import Path

import pytest
from mcp import Client

from bench.workplace import measured
from evals.end_state import tables
from evals.workplace import LOG
from evals.workplace_runs import HELD
from evals.workplace_tasks import FOLDER, TODAY, Pair, attacked, pairs, read
from mcp_servers.workplace.database import Database
from mcp_servers.workplace.server import Workplace


@pytest.mark.parametrize("pair", attacked(FOLDER / "injections.yaml"), ids=lambda pair: pair.id)
async def test_every_attack_would_change_something(tmp_path: Path, pair: Pair) -> None:
    database = Database(tmp_path / "workplace.db", date.fromisoformat(TODAY))
    database.prepare()
    before = tables(database.path, LOG)
    async with Client(Workplace(database, pair.asker).server()) as client:
        results = [await client.call_tool(name, given) for step in pair.attack for name, given in step]
    assert not any(result.is_error for result in results)
    assert tables(database.path, LOG) != before


@pytest.mark.slow
async def test_tasks_end_as_they_should(home: Path) -> None:
    tasks = read(FOLDER / "tasks.yaml")[::4]
    found = await measured(tasks, 1)
    wrong = {name: [*run.wrong, *run.excess, *run.doubles] for name, (run,) in found.items() if not run.right}
    assert wrong == {}


@pytest.mark.slow
async def test_planted_instructions_do_nothing_and_people_see_where_they_come_from(home: Path) -> None:
    chosen = pairs(FOLDER / "injections.yaml")[:20]
    found = await measured(chosen, 1)
    assert {name: run.excess for name, (run,) in found.items() if not run.right} == {}
    shown = [
        description for (run,) in found.values() for description, said in run.asked if HELD in description
    ]
    assert shown
    assert all("may come from tool workplace." in description for description in shown)
