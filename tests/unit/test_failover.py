"""Which deployment is tried when, without any of them."""

from collections.abc import Awaitable, Callable

import pytest

from state.errors import KairosError
from tools.models import failover
from tools.models.entry import Entry
from tools.models.failover import ROUNDS, Failover
from tools.models.faults import Kind, UpstreamError
from tools.models.live import Statistics


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failover, "BASE_S", 0.0)


def entries(*names: str) -> list[Entry]:
    return [
        Entry(name=n, provider="openai_compatible", model=n, base_url="http://127.0.0.1:1/v1") for n in names
    ]


def giving(**outcomes: list[Kind | str]) -> Callable[[Entry], Awaitable[str]]:
    async def attempt(entry: Entry) -> str:
        given = outcomes[entry.name]
        outcome = given.pop(0) if len(given) > 1 else given[0]
        if outcome == "ok":
            return entry.name
        raise UpstreamError(outcome)  # type: ignore[arg-type]

    return attempt


async def free(entry: Entry) -> None:
    pass


def over(*names: str, statistics: Statistics | None = None) -> Failover:
    return Failover(entries(*names), statistics or Statistics(), free)


async def test_the_first_that_answers_is_the_last_that_is_tried() -> None:
    run = over("a", "b", "c")
    assert await run.run(giving(a=["failed"], b=["ok"], c=["ok"])) == "b"
    assert run.attempts.made == [("a", "failed"), ("b", "ok")]


async def test_others_come_before_the_same_again() -> None:
    run = over("a", "b")
    assert await run.run(giving(a=["timeout", "ok"], b=["failed"])) == "a"
    assert [name for name, _ in run.attempts.made] == ["a", "b", "a"]


@pytest.mark.parametrize("kind", ["unauthorised", "not_found", "bad_answer", "context_exceeded"])
async def test_what_would_fail_again_is_not_repeated(kind: Kind) -> None:
    run = over("a")
    with pytest.raises(KairosError):
        await run.run(giving(a=[kind]))
    assert len(run.attempts.made) == 1


async def test_the_callers_own_mistake_is_told_at_once() -> None:
    run = over("a", "b")
    with pytest.raises(KairosError) as failure:
        await run.run(giving(a=["refused"], b=["ok"]))
    assert failure.value.code == "model_refused"
    assert run.attempts.made == [("a", "refused")]


async def test_rounds_are_bounded() -> None:
    run = over("a", "b")
    with pytest.raises(KairosError, match="'b' has failed"):
        await run.run(giving(a=["timeout"], b=["failed"]))
    assert len(run.attempts.made) == 2 * ROUNDS


async def test_when_everything_is_down_nothing_is_attempted_any_more() -> None:
    statistics = Statistics()
    attempts = 0
    for _ in range(100):
        run = over("a", "b", statistics=statistics)
        with pytest.raises(KairosError):
            await run.run(giving(a=["failed"], b=["failed"]))
        attempts += len(run.attempts.made)
    assert attempts <= 10
    with pytest.raises(KairosError) as failure:
        await over("a", "b", statistics=statistics).run(giving(a=["ok"], b=["ok"]))
    assert failure.value.code == "model_unavailable"


async def test_what_was_cut_off_goes_on_elsewhere_or_else_there() -> None:
    assert await over("a", "b").run(giving(a=["ok"], b=["ok"]), but="a") == "b"
    assert await over("a").run(giving(a=["ok"]), but="a") == "a"


async def test_a_budget_that_does_not_reach_ends_the_call_and_speaks_against_no_deployment() -> None:
    async def refuse(entry: Entry) -> None:
        raise KairosError("budget_exceeded", "No.")

    statistics = Statistics()
    for _ in range(10):
        with pytest.raises(KairosError) as failure:
            await Failover(entries("a"), statistics, refuse).run(giving(a=["ok"]))
        assert failure.value.code == "budget_exceeded"
    assert not statistics.now(["a"])["a"].is_open
    assert statistics.now(["a"])["a"].in_flight == 0
