"""Rate limits on a real Postgres, by its clock."""

import asyncio
import random
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres import api_keys, budgets, rate_limits
from state.postgres.admission import Admission
from state.postgres.pool import admin
from tests.fixtures.admissions import ask, record, rows

HOUR = 3600.0
TELL = """
    CREATE TEMP TABLE told ON COMMIT DROP AS
    SELECT c.id, n.n, rate_wait(c, l, n.n) AS wait FROM rate_counters c JOIN rate_limits l ON l.id = c.rate_limit,
        LATERAL (SELECT 1 + (c.id * 37) %% 290 AS n) n WHERE l.tenant = %s
"""
LATER = """
    UPDATE rate_counters c SET seen_at = clock_timestamp() - make_interval(secs => t.wait + %s) FROM told t
    WHERE t.id = c.id
"""
LEFT = """
    SELECT rate_wait(c, l, t.n) AS wait FROM told t JOIN rate_counters c USING (id)
        JOIN rate_limits l ON l.id = c.rate_limit WHERE t.wait > 1
"""


async def shift(us: Identity, seconds: float) -> None:
    """Let so much time go by for the counters of a tenant: a negative time is a clock that was set back."""
    await rows(
        "UPDATE rate_counters c SET seen_at = c.seen_at - make_interval(secs => %s) "
        "FROM rate_limits l WHERE l.id = c.rate_limit AND l.tenant = %s RETURNING 1",
        seconds,
        us.tenant,
    )


async def admitted(admission: Admission, us: Identity, times: int, **given: Any) -> int:
    """How many of so many asks are admitted."""
    verdicts = await asyncio.gather(*(admission.admit(ask(us.tenant, **given)) for _ in range(times)))
    return sum(each.admitted for each in verdicts)


async def test_a_bucket_gives_its_burst_and_then_its_rate(us: Identity, admission: Admission) -> None:
    await rate_limits.put(us, "user", "ann", "requests", 3600, HOUR, burst=5)
    assert await admitted(admission, us, 9) == 5
    await shift(us, 2.1)
    assert await admitted(admission, us, 9) == 2
    await shift(us, 1000)
    assert await admitted(admission, us, 9) == 5, "never more than the bucket holds"
    refused = await admission.admit(ask(us.tenant))
    assert (refused.code, refused.policy) == ("rate_limited", "refuse")
    assert refused.retry_after is not None
    assert 0.5 < refused.retry_after <= 1
    assert refused.sentence.startswith(
        "The limit of 3600 requests in 3600 s for user ann is reached: try again in"
    )


async def test_a_window_slides_over_the_one_before(us: Identity, admission: Admission) -> None:
    await rate_limits.put(us, "tenant", "", "requests", 10, HOUR, "sliding_window", at_limit="queue")
    assert await admitted(admission, us, 12) == 10
    await shift(us, HOUR / 2)
    refused = await admission.admit(ask(us.tenant))
    assert (refused.admitted, refused.policy) == (False, "queue")
    assert refused.retry_after == pytest.approx(HOUR * 0.6, abs=30), "half this window, a tenth of the next"
    await shift(us, HOUR)
    assert await admitted(admission, us, 12) == 5, "half of the window before is still in sight"
    await shift(us, 2 * HOUR)
    assert await admitted(admission, us, 12) == 10


@pytest.mark.parametrize("algorithm", ["token_bucket", "sliding_window"])
async def test_tokens_are_held_by_their_bound_and_given_back(
    us: Identity, admission: Admission, algorithm: Any
) -> None:
    await rate_limits.put(us, "user", "ann", "tokens", 1000, HOUR, algorithm)
    asks = [ask(us.tenant, tokens=400) for _ in range(2)]
    assert [(await admission.admit(each)).admitted for each in asks] == [True, True]
    assert (await admission.admit(ask(us.tenant, tokens=400))).code == "rate_limited"
    admission.settle(record(asks[0], 1))
    assert (await admission.admit(ask(us.tenant, tokens=580))).admitted, "1000 - 20 - 400"
    assert (await admission.admit(ask(us.tenant, tokens=5))).code == "rate_limited"
    admission.settle(record(asks[1], 1, output_tokens=5000))
    await admission.flush()
    await shift(us, HOUR)
    assert (await admission.admit(ask(us.tenant, tokens=5))).code == "rate_limited", (
        "more was used than asked for"
    )


async def test_tokens_of_the_window_before_are_given_back_to_it(us: Identity, admission: Admission) -> None:
    await rate_limits.put(us, "user", "ann", "tokens", 1000, HOUR, "sliding_window")
    first = ask(us.tenant, tokens=900)
    assert (await admission.admit(first)).admitted
    await shift(us, HOUR + 1)
    assert (await admission.admit(ask(us.tenant, tokens=90))).admitted
    assert not (await admission.admit(ask(us.tenant, tokens=50))).admitted
    admission.settle(record(first, 1))
    assert (await admission.admit(ask(us.tenant, tokens=880))).admitted, "20 and 90 are used"
    assert not (await admission.admit(ask(us.tenant, tokens=30))).admitted


async def test_what_is_given_back_now_leaves_the_window_before_as_it_was(
    us: Identity, admission: Admission
) -> None:
    await rate_limits.put(us, "user", "ann", "tokens", 1000, HOUR, "sliding_window")
    assert (await admission.admit(ask(us.tenant, tokens=500))).admitted
    await shift(us, HOUR + 1)
    second = ask(us.tenant, tokens=400)
    assert (await admission.admit(second)).admitted
    admission.settle(record(second, 1))
    assert not (await admission.admit(ask(us.tenant, tokens=490))).admitted, "500 and 20 are used"


async def test_what_never_fits_is_told_so(us: Identity, admission: Admission) -> None:
    await rate_limits.put(us, "user", "ann", "tokens", 50, 60)
    refused = await admission.admit(ask(us.tenant))
    assert refused.retry_after is None
    assert refused.sentence == (
        "This call may take 100 tokens, and the limit of 50 tokens in 60 s for user ann never lets more "
        "than 50 through at once."
    )


async def test_a_refused_call_reserves_nothing_anywhere(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "tenant", "", "total", 1000)
    await rate_limits.put(us, "tenant", "", "requests", 100, HOUR)
    await rate_limits.put(us, "user", "ann", "requests", 1, HOUR)
    assert await admitted(admission, us, 5) == 1
    (spending,) = await rows(
        "SELECT reserved FROM spending s JOIN budgets b ON b.id = s.budget WHERE b.tenant = %s", us.tenant
    )
    assert spending["reserved"] == 100
    used = await rows(
        "SELECT round(used) AS used FROM rate_counters c JOIN rate_limits l ON l.id = c.rate_limit WHERE l.tenant = %s",
        us.tenant,
    )
    assert [row["used"] for row in used] == [1, 1]


@pytest.mark.parametrize("algorithm", ["token_bucket", "sliding_window"])
async def test_a_clock_set_back_neither_grants_nor_punishes(
    us: Identity, admission: Admission, algorithm: Any
) -> None:
    await rate_limits.put(us, "user", "ann", "requests", 10, HOUR, algorithm)
    assert await admitted(admission, us, 6) == 6
    await shift(us, -5 * HOUR)
    assert await admitted(admission, us, 6) == 4, "as if no time had gone by"
    await shift(us, 2 * HOUR)
    assert await admitted(admission, us, 20) == 10, "and then it goes on as ever"


async def test_a_fallback_counts_for_its_deployment_and_for_nothing_twice(
    us: Identity, admission: Admission
) -> None:
    names = [f"deployment-{uuid4().hex}" for _ in range(2)]
    shared = [await rate_limits.put(us, "model", name, "requests", 1, HOUR) for name in names]
    await rate_limits.put(us, "user", "ann", "requests", 2, HOUR)
    first = ask(us.tenant, deployment=names[0])
    assert (await admission.admit(first)).admitted
    assert (await admission.extend(replace(first, deployment=names[1], nano_usd=200))).admitted
    assert (await admission.extend(replace(first, deployment=names[1], nano_usd=300))).admitted
    refused = await admission.admit(ask(f"not-{us.tenant}", deployment=names[1]))
    assert refused.sentence.startswith(f"The limit of 1 requests in 3600 s for model {names[1]} is reached")
    assert await admitted(admission, us, 3) == 1
    for limit in shared:
        await rate_limits.remove(us, limit)


async def test_everybody_can_have_one_limit(us: Identity, admission: Admission) -> None:
    limit = await rate_limits.put(us, "global", "", "requests", 3, HOUR)
    try:
        found = [await admission.admit(ask(f"{us.tenant}-{n}")) for n in range(4)]
    finally:
        await rate_limits.remove(us, limit)
    assert [each.admitted for each in found] == [True] * 3 + [False]
    assert "for everybody is reached" in found[3].sentence


async def test_the_wait_that_is_told_is_long_enough_and_no_longer(us: Identity) -> None:
    """Of 400 random counters none admits a little before its wait is over, and all do a little after."""
    dice = random.Random(3)  # noqa: S311 - no secret
    await rate_limits.put(us, "user", "bucket", "tokens", 1000, 60, burst=300)
    await rate_limits.put(us, "user", "window", "tokens", 1000, 60, "sliding_window")
    counters = [
        (str(n), dice.uniform(1, 1500), dice.uniform(0, 1500), dice.uniform(0, 60), us.tenant)
        for n in range(200)
    ]
    async with admin() as connection:
        await connection.cursor().executemany(
            "INSERT INTO rate_counters (rate_limit, subject, used, previous, position) "
            "SELECT l.id, %s, %s, w * %s, w * %s FROM rate_limits l, "
            "LATERAL (SELECT CASE algorithm WHEN 'token_bucket' THEN 0 ELSE 1 END AS w) w WHERE l.tenant = %s",
            counters,
        )
        await connection.execute(TELL, (us.tenant,))
        for margin, admits in ((-0.3, False), (0.3, True)):
            async with connection.transaction(force_rollback=True):
                await connection.execute(LATER, (margin,))
                await connection.execute("SELECT roll_counters(ARRAY(SELECT id FROM told))")
                left = await (await connection.execute(LEFT)).fetchall()
            assert len(left) > 200
            assert {row["wait"] == 0 for row in left} == {admits}


async def test_a_limit_needs_sense_and_a_key_that_exists(us: Identity) -> None:
    for wrong in ({"amount": 0}, {"seconds": 0}, {"algorithm": "sliding_window", "burst": 3}):
        given: dict[str, Any] = {"measure": "requests", "amount": 1, "seconds": 1, **wrong}
        with pytest.raises(KairosError) as caught:
            await rate_limits.put(us, "tenant", "", **given)
        assert caught.value.code == "rate_limit_invalid"
    with pytest.raises(KairosError, match="There is no key 'ci'"):
        await rate_limits.put(us, "key", "ci", "requests", 1, 1)
    made = await api_keys.create(us, "ci", "ann")
    await rate_limits.put(us, "key", "ci", "requests", 1, HOUR)
    (found,) = [row for row in await rate_limits.overview(us) if row["kind"] == "key"]
    assert found["name"] == "ci"
    with pytest.raises(KairosError, match="There is no limit"):
        await rate_limits.remove(Identity("another", "eve"), found["id"])
    await rate_limits.remove(us, found["id"])
    assert made.id
