"""Which settlements wait for the next batch, and which may not."""

from uuid import UUID, uuid4

import pytest

from state.postgres.calls import CallRecord
from state.postgres.unsettled import KEPT, MOST, Unsettled
from state.postgres.verdicts import Ask


def ask() -> Ask:
    return Ask(uuid4(), "t", "ann", None, None, None, "m", "d", tokens=100, nano_usd=1000, seconds=60)


def record(number: UUID, nano_usd: int = 1000, output_tokens: int = 100) -> CallRecord:
    return CallRecord(
        id=number,
        tenant="t",
        user="ann",
        team=None,
        key=None,
        model="m",
        deployment="d",
        nano_usd=nano_usd,
        output_tokens=output_tokens,
        attempts=1,
        run=None,
        status="ok",
        code="",
    )


def test_what_stays_within_its_bound_waits() -> None:
    unsettled, asked = Unsettled(), ask()
    unsettled.reserved(asked)
    unsettled.add(record(asked.id))
    assert len(unsettled) == 1
    assert not unsettled.due


@pytest.mark.parametrize("more", [{"nano_usd": 1001}, {"output_tokens": 101}])
def test_what_exceeds_its_bound_is_due_at_once(more: dict[str, int]) -> None:
    unsettled, asked = Unsettled(), ask()
    unsettled.reserved(asked)
    unsettled.add(record(asked.id, **more))
    assert unsettled.due


def test_what_had_reserved_nothing_is_due_at_once() -> None:
    unsettled = Unsettled()
    unsettled.add(record(uuid4()))
    assert unsettled.due


def test_batches_are_bounded_and_what_is_left_over_stays_due() -> None:
    unsettled = Unsettled()
    for _ in range(MOST + 1):
        unsettled.add(record(uuid4()))
    assert len(unsettled.take()) == MOST
    assert unsettled.due
    assert len(unsettled.take()) == 1
    assert not unsettled.due


def test_what_could_not_be_written_keeps_its_place() -> None:
    unsettled = Unsettled()
    records = [record(uuid4()) for _ in range(3)]
    for one in records:
        unsettled.add(one)
    unsettled.put_back(unsettled.take())
    assert unsettled.take() == records


def test_the_oldest_are_dropped_while_the_database_is_gone() -> None:
    unsettled = Unsettled()
    for _ in range(KEPT + 2):
        unsettled.add(record(uuid4()))
    assert len(unsettled) == KEPT
