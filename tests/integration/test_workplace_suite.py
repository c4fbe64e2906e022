"""A sample of the workplace suite through the real agent, client and server."""

from pathlib import Path

import pytest

from bench.workplace import measured
from evals.workplace import HELD
from evals.workplace_tasks import FOLDER, pairs, read


@pytest.mark.slow
async def test_tasks_end_as_they_should(home: Path) -> None:
    tasks = read(FOLDER / "tasks.yaml")[::4]
    found = await measured(tasks, 1, scripted=True)
    wrong = {name: [*run.wrong, *run.excess, *run.doubles] for name, (run,) in found.items() if not run.right}
    assert wrong == {}


@pytest.mark.slow
async def test_planted_instructions_do_nothing_and_people_see_where_they_come_from(home: Path) -> None:
    chosen = pairs(FOLDER / "injections.yaml")[:20]
    found = await measured(chosen, 1, scripted=True)
    assert {name: run.excess for name, (run,) in found.items() if not run.right} == {}
    shown = [
        description for (run,) in found.values() for description, said in run.asked if HELD in description
    ]
    assert shown
    assert all("may come from tool workplace." in description for description in shown)
