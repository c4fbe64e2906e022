"""Intents and outcomes of tool calls, kill switches, and runs that went wrong."""

import asyncio
from uuid import uuid4

import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres import agent_runs, kill_switches, tool_calls
from state.postgres.pool import Pool, admin
from state.postgres.tool_calls import Intent


@pytest.fixture(autouse=True)
def _database(pool: Pool) -> None:
    """Every test here needs the database."""


def _intent() -> Intent:
    return Intent(uuid4(), str(uuid4()), "desk.pay", "money", {"amount": 5})


async def test_an_intent_is_new_once(us: Identity) -> None:
    intent = _intent()
    assert await tool_calls.intend(us, intent) is None
    row = await tool_calls.intend(us, intent)
    assert row is not None
    assert (row["status"], row["outcome"]) == ("intended", None)
    await tool_calls.finish(us, intent.id, "done", {"text": "paid"})
    row = await tool_calls.intend(us, intent)
    assert row is not None
    assert (row["status"], row["outcome"]) == ("done", {"text": "paid"})
    (row,) = await tool_calls.of_thread(us, intent.thread_id)
    assert row["arguments"] == {"amount": 5}


async def test_a_call_of_another_tenant_is_not_taken_over(us: Identity) -> None:
    intent = _intent()
    await tool_calls.intend(us, intent)
    with pytest.raises(KairosError) as caught:
        await tool_calls.intend(Identity("other", "eve"), intent)
    assert caught.value.code == "call_of_another"
    assert await tool_calls.of_thread(Identity("other", "eve"), intent.thread_id) == []


async def test_one_at_a_time_makes_a_call(us: Identity) -> None:
    call, order = uuid4(), []

    async def make(number: int) -> None:
        async with tool_calls.alone(call, 5):
            order.append(number)
            await asyncio.sleep(0.1)
            order.append(number)

    await asyncio.gather(make(1), make(2))
    assert order in ([1, 1, 2, 2], [2, 2, 1, 1])
    async with tool_calls.alone(call, 1):
        with pytest.raises(KairosError) as caught:
            async with tool_calls.alone(call, 0.1):
                raise AssertionError
    assert caught.value.code == "call_in_progress"


async def test_a_switch_holds_for_its_tenant_until_it_is_released(us: Identity) -> None:
    await kill_switches.throw(us, "tool", "desk.pay", "It pays twice.")
    await kill_switches.throw(us, "tenant", "anything", "Stop.")
    found = [(row["kind"], row["name"], row["reason"]) for row in await kill_switches.thrown(us)]
    assert found == [("tool", "desk.pay", "It pays twice."), ("tenant", us.tenant, "Stop.")]
    assert await kill_switches.thrown(Identity("other", "eve")) == []
    await kill_switches.release(us, "tool", "desk.pay")
    await kill_switches.release(us, "tenant", us.tenant)
    assert await kill_switches.thrown(us) == []
    with pytest.raises(KairosError) as caught:
        await kill_switches.release(us, "tool", "desk.pay")
    assert caught.value.code == "switch_unknown"


async def test_runs_that_failed_or_lost_their_process_are_dead_letters(us: Identity) -> None:
    failed, lost, fine = (str(uuid4()) for _ in range(3))
    for thread in (failed, lost, fine):
        await agent_runs.begin(us, thread, "assistant", "agent")
    await agent_runs.mark(us, failed, "failed", "The server hung.")
    async with admin() as connection:
        await connection.execute(
            "UPDATE agent_runs SET updated_at = now() - interval '1 hour' WHERE thread_id = %s", (lost,)
        )
    assert [row["thread_id"] for row in await agent_runs.dead(us)] == [lost, failed]
    await agent_runs.begin(us, failed, "assistant", "agent")
    assert [row["thread_id"] for row in await agent_runs.dead(us)] == [lost]
    assert await agent_runs.found(fine) == (Identity(us.tenant, us.principal, us.groups), "agent")
    with pytest.raises(KairosError) as caught:
        await agent_runs.begin(Identity(us.tenant, "eve"), fine, "assistant", "agent")
    assert caught.value.code == "thread_of_another"
