"""Approvals: who may answer, who was first, two approvers, edits, expiry, escalation."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres import approvals
from state.postgres.approvals import Asked
from state.postgres.pool import Pool, admin


@pytest.fixture(autouse=True)
def _database(pool: Pool) -> None:
    """Every test here needs the database."""


def _person(us: Identity, name: str, *groups: str) -> Identity:
    return Identity(us.tenant, name, groups)


async def _asked(us: Identity, **more: Any) -> Asked:
    one = Asked(uuid4(), str(uuid4()), "desk.pay", "money", {"amount": 5}, "Pay 5.", ["bosses"])
    one = replace(one, **more)
    await approvals.ask(us, [one])
    return one


async def _ids(identity: Identity) -> list[UUID]:
    return [row["id"] for row in await approvals.pending(identity)]


async def _code(identity: Identity, approval: UUID, *answer: Any) -> str:
    with pytest.raises(KairosError) as caught:
        await approvals.answer(identity, approval, *(answer or ("accept",)))
    assert caught.value.sentence.endswith(".")
    return caught.value.code


async def _status(us: Identity, one: Asked) -> Sequence[Any]:
    (row,) = await approvals.of_thread(us, one.thread_id)
    return row["status"], row["kind"], row["by"]


async def test_only_its_approvers_see_and_answer_it(us: Identity) -> None:
    one = await _asked(us)
    boss, clerk = _person(us, "boss", "bosses"), _person(us, "clerk", "clerks")
    assert await _ids(boss) == [one.id]
    assert await _ids(clerk) == await _ids(us) == []
    assert await _code(clerk, one.id) == await _code(us, one.id) == "approval_forbidden"
    assert await _code(Identity("other", "boss", ("bosses",)), one.id) == "approval_unknown"
    assert await _code(boss, uuid4()) == "approval_unknown"
    assert (await approvals.answer(boss, one.id, "accept"))["status"] == "accepted"
    assert await _status(us, one) == ("accepted", "accept", "boss")
    assert await _ids(boss) == []


async def test_the_asker_may_answer_only_where_the_policy_says_so(us: Identity) -> None:
    one = await _asked(us, own=True)
    assert await _ids(us) == [one.id]
    assert (await approvals.answer(us, one.id, "accept"))["status"] == "accepted"


async def test_of_two_who_answer_at_once_one_wins_and_the_other_is_told(us: Identity) -> None:
    for _ in range(10):
        one = await _asked(us)
        people = [_person(us, "ada", "bosses"), _person(us, "bob", "bosses")]
        answers = await asyncio.gather(
            approvals.answer(people[0], one.id, "accept"),
            approvals.answer(people[1], one.id, "ignore"),
            return_exceptions=True,
        )
        won = [answer for answer in answers if not isinstance(answer, BaseException)]
        lost = [answer for answer in answers if isinstance(answer, KairosError)]
        assert len(won) == len(lost) == 1
        assert lost[0].code == "approval_decided"


async def test_two_approvers_are_two_people(us: Identity) -> None:
    one = await _asked(us, needed=2)
    ada, bob = _person(us, "ada", "bosses"), _person(us, "bob", "bosses")
    assert (await approvals.answer(ada, one.id, "accept"))["status"] == "pending"
    assert await _code(ada, one.id) == "approval_answered"
    assert (await approvals.answer(bob, one.id, "accept"))["status"] == "accepted"
    assert await _code(ada, one.id) == "approval_decided"


async def test_an_edit_undoes_what_was_accepted_before_it(us: Identity) -> None:
    one = await _asked(us, needed=2)
    ada, bob = _person(us, "ada", "bosses"), _person(us, "bob", "bosses")
    await approvals.answer(ada, one.id, "accept")
    row = await approvals.answer(bob, one.id, "edit", {"amount": 4})
    assert (row["status"], row["arguments"]) == ("pending", {"amount": 4})
    assert (await approvals.answer(ada, one.id, "accept"))["status"] == "accepted"


async def test_a_response_rejects_with_its_note(us: Identity) -> None:
    one = await _asked(us)
    await approvals.answer(_person(us, "ada", "bosses"), one.id, "response", None, "Ask Bob first.")
    (row,) = await approvals.of_thread(us, one.thread_id)
    assert (row["status"], row["kind"], row["note"]) == ("rejected", "response", "Ask Bob first.")


async def test_what_comes_after_its_time_is_told_so(us: Identity) -> None:
    one = await _asked(us, expires=timedelta(seconds=-1))
    boss = _person(us, "boss", "bosses")
    assert await _ids(boss) == []
    assert await _code(boss, one.id) == "approval_expired"
    assert (await _status(us, one))[0] == "expired"
    assert await _code(boss, one.id) == "approval_expired"


async def test_nobody_answers_in_time_then_others_may(us: Identity) -> None:
    soon = timedelta(seconds=-1)
    one = await _asked(us, escalate=soon, escalate_to=["board"], remind=soon)
    chair = _person(us, "chair", "board")
    assert await _code(chair, one.id) == "approval_forbidden"
    (due,) = [row for row in await approvals.due() if row["id"] == one.id]
    assert due["approvers"] == ["bosses", "board"]
    assert [row for row in await approvals.due() if row["id"] == one.id] == []
    assert (await approvals.answer(chair, one.id, "accept"))["status"] == "accepted"


async def test_asked_twice_it_stays_as_it_is(us: Identity) -> None:
    one = await _asked(us)
    await approvals.answer(_person(us, "boss", "bosses"), one.id, "ignore")
    await approvals.ask(us, [one])
    async with admin() as connection:
        cursor = await connection.execute("SELECT status FROM approvals WHERE id = %s", (one.id,))
        assert [row["status"] for row in await cursor.fetchall()] == ["rejected"]
