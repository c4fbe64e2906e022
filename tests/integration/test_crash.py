"""Agents that are killed go on, and have their effects once: some runs of `bench.crash`."""

import asyncio

import pytest

from bench.crash import matrix
from tests.fixtures.crashing import KINDS, PLACES


@pytest.mark.slow
async def test_a_killed_agent_has_its_effect_once_or_asks_a_person() -> None:
    rows = await asyncio.to_thread(matrix, len(KINDS) * len(PLACES) // 2)
    assert [row for row in rows if not row["right"]] == []
    assert all(row["killed"] for row in rows)
