"""Admission on a real Postgres: budgets hold whatever happens, and everything that is reserved is settled once."""

import asyncio
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from psycopg.errors import InsufficientPrivilege

from state.identity import Identity
from state.postgres import api_keys, budgets, calls
from state.postgres.admission import Admission
from state.postgres.pool import admin, scoped
from tests.fixtures.admissions import ask, record, rows

ROOT = Path(__file__).resolve().parents[2]


async def held(us: Identity) -> tuple[int, int]:
    """What the tenant's budgets have spent and reserved, in all."""
    (found,) = await rows(
        "SELECT coalesce(sum(spent), 0)::bigint AS spent, coalesce(sum(reserved), 0)::bigint AS reserved "
        "FROM spending s JOIN budgets b ON b.id = s.budget WHERE b.tenant = %s",
        us.tenant,
    )
    return found["spent"], found["reserved"]


async def ledger(us: Identity) -> dict[str, Any]:
    (found,) = await rows(
        "SELECT count(*) AS calls, coalesce(sum(nano_usd), 0)::bigint AS nano_usd, "
        "array_agg(DISTINCT status) AS statuses FROM calls WHERE tenant = %s",
        us.tenant,
    )
    return dict(found)


async def unsettled(us: Identity) -> int:
    (found,) = await rows("SELECT count(*) AS n FROM reservations WHERE tenant = %s AND NOT lost", us.tenant)
    return int(found["n"])


async def sweep() -> None:
    await rows("SELECT sweep_reservations()")


def process(home: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.admissions", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "KAIROS_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_fifty_callers_in_two_processes_get_exactly_what_a_budget_is_worth(
    us: Identity, home: Path
) -> None:
    await budgets.put(us, "tenant", "", "total", 30 * 100 + 99)
    running = [process(home, "call", us.tenant, 25, 4, 100) for _ in range(2)]
    sums = [json.loads((await asyncio.to_thread(each.communicate, timeout=60))[0]) for each in running]
    assert sum(each["admitted"] for each in sums) == 30
    assert sum(each["refused"] for each in sums) == 170
    assert await held(us) == (3000, 0)
    assert await unsettled(us) == 0
    assert await ledger(us) == {"calls": 30, "nano_usd": 3000, "statuses": ["ok"]}


async def test_an_ask_waits_for_another_processs_batch_and_sees_it(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "total", 250)
    await admission.admit(ask(us.tenant))
    async with admin() as other:
        await other.execute(
            "UPDATE spending SET reserved = reserved + 100 WHERE budget IN (SELECT id FROM budgets WHERE tenant = %s)",
            (us.tenant,),
        )
        waiting = asyncio.create_task(admission.admit(ask(us.tenant)))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert (await waiting).code == "budget_exceeded"


async def test_what_a_call_did_not_cost_is_free_for_others(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "user", "ann", "day", 250)
    first = ask(us.tenant)
    assert (await admission.admit(first)).remaining_nano_usd == 150
    assert (await admission.admit(ask(us.tenant))).admitted
    assert not (await admission.admit(ask(us.tenant))).admitted
    admission.settle(record(first, 10))
    again = await admission.admit(ask(us.tenant))
    assert (again.admitted, again.remaining_nano_usd) == (True, 40)
    assert await held(us) == (10, 200)


async def test_a_call_dearer_than_its_bound_is_counted_as_it_is(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "tenant", "", "total", 150)
    asked = ask(us.tenant)
    await admission.admit(asked)
    admission.settle(record(asked, 400))
    refused = await admission.admit(ask(us.tenant, 1))
    assert (refused.code, refused.remaining_nano_usd) == ("budget_exceeded", 0)
    assert await held(us) == (400, 0)
    assert (await admission.admit(ask(us.tenant, 0))).admitted, "no price: nothing to hold against a budget"


@pytest.mark.parametrize(
    ("kind", "name", "other"),
    [("user", "ann", {"user": "bob"}), ("team", "red", {"team": "blue"}), ("team", "red", {"team": None})],
)
async def test_a_budget_is_one_subjects(
    us: Identity, admission: Admission, kind: Any, name: str, other: dict[str, str | None]
) -> None:
    await budgets.put(us, kind, name, "month", 100)
    mine = ask(us.tenant, team="red")
    assert (await admission.admit(mine)).admitted
    assert (await admission.admit(replace(mine, id=uuid4()))).code == "budget_exceeded"
    assert (await admission.admit(replace(mine, id=uuid4(), **other))).admitted  # type: ignore[arg-type]
    assert (await admission.admit(ask(f"not-{us.tenant}", team="red"))).admitted


async def test_each_user_and_each_run_can_have_a_budget_of_its_own(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "user", budgets.EACH, "day", 150)
    await budgets.put(us, "tenant", "", "run", 120)
    for user in ("ann", "bob"):
        assert (await admission.admit(ask(us.tenant, user=user))).admitted
        assert (await admission.admit(ask(us.tenant, user=user))).code == "budget_exceeded"
    assert (await admission.admit(ask(us.tenant, user="eve", run="1"))).admitted
    (spent,) = {(await admission.admit(ask(us.tenant, user=f"u{n}", run="1"))).sentence for n in range(3)}
    assert spent.startswith(f"The budget for a run of tenant {us.tenant} of $0.00000012 has no room")
    assert (await admission.admit(ask(us.tenant, user="zoe", run="2"))).admitted


async def test_a_dearer_fallback_reserves_the_difference_or_is_refused(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "total", 300)
    asked = ask(us.tenant)
    await admission.admit(asked)
    assert (await admission.extend(replace(asked, nano_usd=250, deployment="large"))).admitted
    assert await held(us) == (0, 250)
    refused = await admission.extend(replace(asked, nano_usd=301, deployment="huge"))
    assert (refused.code, refused.policy) == ("budget_exceeded", "refuse")
    assert (await admission.extend(replace(asked, nano_usd=5))).admitted
    assert await held(us) == (0, 250), "a refusal, or a cheaper deployment, changes nothing"
    admission.settle(record(asked, 222))
    await admission.flush()
    assert await held(us) == (222, 0)


async def test_a_budget_set_meanwhile_is_no_matter_of_calls_under_way(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "total", 300)
    asked = ask(us.tenant)
    await admission.admit(asked)
    await budgets.put(us, "user", "ann", "total", 1000)
    await admission.extend(replace(asked, nano_usd=250))
    admission.settle(record(asked, 200))
    await admission.flush()
    assert await held(us) == (200, 0)


async def test_a_process_that_dies_leaves_lost_calls_and_a_late_settlement_corrects_them(
    us: Identity, home: Path, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "total", 300)
    dead = [ask(us.tenant) for _ in range(3)]
    running = process(home, "leave", us.tenant, ",".join(str(each.id) for each in dead), 100, 0.2)
    assert running.stdout is not None
    assert await asyncio.to_thread(running.stdout.readline) == "reserved\n"
    running.kill()
    await asyncio.to_thread(running.communicate)
    assert await held(us) == (0, 300)
    await asyncio.sleep(0.3)
    await sweep()
    assert await held(us) == (300, 0)
    assert await ledger(us) == {"calls": 3, "nano_usd": 300, "statuses": ["lost"]}
    assert (await admission.admit(ask(us.tenant))).code == "budget_exceeded"
    admission.settle(record(dead[0], 70))
    admission.settle(record(dead[0], 60))
    await admission.flush()
    await sweep()
    assert await held(us) == (270, 0)
    assert await ledger(us) == {"calls": 3, "nano_usd": 270, "statuses": ["lost", "ok"]}


async def test_a_lost_call_that_goes_on_is_counted_once(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "tenant", "", "total", 1000)
    asked = ask(us.tenant, seconds=-1)
    await admission.admit(asked)
    await admission.flush()
    await sweep()
    assert (await admission.extend(replace(asked, nano_usd=150))).admitted
    assert await held(us) == (150, 0)
    admission.settle(record(asked, 120))
    await admission.flush()
    assert await held(us) == (120, 0)
    assert await ledger(us) == {"calls": 1, "nano_usd": 120, "statuses": ["ok"]}


async def test_after_a_day_a_lost_call_is_corrected_in_the_ledger_only(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "total", 1000)
    asked = ask(us.tenant, seconds=-90_000)
    await admission.admit(asked)
    await admission.flush()
    await sweep()
    assert not await rows("SELECT FROM reservations WHERE id = %s", asked.id)
    admission.settle(record(asked, 120))
    await admission.flush()
    assert await held(us) == (100, 0)
    assert (await ledger(us))["nano_usd"] == 120


async def test_a_reservation_that_comes_after_its_settlement_is_only_released(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "total", 1000)
    asked = ask(us.tenant, seconds=-1)
    admission.settle(record(asked, 30))
    await admission.flush()
    await admission.admit(asked)
    assert await held(us) == (30, 100)
    await admission.flush()
    await sweep()
    assert await held(us) == (30, 0)
    assert await ledger(us) == {"calls": 1, "nano_usd": 30, "statuses": ["ok"]}


async def test_a_running_process_sweeps_by_itself(us: Identity, admission: Admission) -> None:
    await admission.admit(ask(us.tenant, seconds=-1))
    await admission.flush()
    other = Admission()
    await other.admit(ask(us.tenant, 0))
    await other.close()
    assert (await ledger(us))["statuses"] == ["lost"]


async def test_a_settlement_is_counted_once_however_often_it_comes(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "total", 1000)
    asked, unasked = ask(us.tenant), ask(us.tenant)
    await admission.admit(asked)
    other = Admission()
    for each in (admission, other, admission):
        each.settle(record(asked, 30))
        each.settle(record(unasked, 5))
        await each.flush()
    await other.close()
    assert await held(us) == (35, 0), "what was called without a reservation counts too"
    assert await ledger(us) == {"calls": 2, "nano_usd": 35, "statuses": ["ok"]}


async def test_nothing_is_reserved_twice_or_left_when_many_change_their_mind(us: Identity) -> None:
    """Random asks, dearer fallbacks, refusals and settlements over two sessions: the books agree with the ledger."""
    await budgets.put(us, "tenant", "", "total", 50_000)
    await budgets.put(us, "user", budgets.EACH, "day", 9_000)
    await budgets.put(us, "team", budgets.EACH, "month", 20_000)
    await budgets.put(us, "tenant", "", "run", 2_000)
    pair = (Admission(), Admission())
    dice = random.Random(5)  # noqa: S311 - no secret

    async def one(n: int) -> None:
        admission = pair[n % 2]
        asked = ask(
            us.tenant,
            dice.choice([0, 10, 500]),
            user=f"user-{dice.randrange(9)}",
            team=dice.choice([None, "red", "blue"]),
            run=str(dice.randrange(30)),
        )
        if not (await admission.admit(asked)).admitted:
            return
        dearer = replace(asked, nano_usd=asked.nano_usd + dice.randrange(900), deployment="large")
        if dice.random() < 0.4 and (await admission.extend(dearer)).admitted:
            asked = dearer
        if dice.random() < 0.5:
            await asyncio.sleep(dice.uniform(0, 0.02))
        admission.settle(record(asked, dice.choice([None, 0, asked.nano_usd // 2, asked.nano_usd])))

    await asyncio.gather(*(one(n) for n in range(600)))
    for each in pair:
        await each.close()
    assert await unsettled(us) == 0
    per_kind = await rows(
        "SELECT b.kind, b.period, sum(s.spent)::bigint AS spent, sum(s.reserved)::bigint AS reserved, "
        "bool_and(s.spent <= b.nano_usd) AS within FROM spending s JOIN budgets b ON b.id = s.budget "
        "WHERE b.tenant = %s GROUP BY 1, 2 ORDER BY 1, 2",
        us.tenant,
    )
    (teams,) = await rows(
        "SELECT sum(nano_usd)::bigint AS n FROM calls WHERE tenant = %s AND team IS NOT NULL", us.tenant
    )
    spent = (await ledger(us))["nano_usd"]
    assert spent > 0
    assert [(row["kind"], row["spent"]) for row in per_kind] == [
        ("team", teams["n"]),
        ("tenant", spent),
        ("tenant", spent),
        ("user", spent),
    ]
    assert all(row["within"] and row["reserved"] == 0 for row in per_kind)


async def test_an_ask_that_is_called_off_leaves_nothing_reserved(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "tenant", "", "total", 100_000)
    tasks = [asyncio.create_task(admission.admit(ask(us.tenant))) for _ in range(20)]
    for n, task in enumerate(tasks):
        if n % 3 == 0:
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await admission.flush()
    assert await held(us) == (0, 0)
    assert await unsettled(us) == 0


async def test_from_80_percent_on_it_warns(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "user", "ann", "day", 500)
    verdicts = [await admission.admit(ask(us.tenant)) for _ in range(5)]
    assert [each.warnings for each in verdicts[:3]] == [()] * 3
    assert verdicts[3].warnings == ("The budget for the day of user ann is used to 80 %.",)
    assert verdicts[4].warnings == ("The budget for the day of user ann is used to 100 %.",)


@pytest.mark.parametrize("policy", ["refuse", "queue", "downgrade"])
async def test_a_spent_budget_says_what_it_asks_for_and_when_it_is_full_again(
    us: Identity, admission: Admission, policy: Any
) -> None:
    await budgets.put(us, "user", "ann", "day", 10, policy)
    refused = await admission.admit(ask(us.tenant))
    assert (refused.admitted, refused.code, refused.policy) == (False, "budget_exceeded", policy)
    assert refused.retry_after is not None
    assert 0 < refused.retry_after <= 86_400
    assert await unsettled(us) == 0


async def test_the_strictest_of_several_spent_budgets_decides(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "user", "ann", "total", 10, "downgrade")
    await budgets.put(us, "tenant", "", "total", 50, "refuse")
    refused = await admission.admit(ask(us.tenant))
    assert (refused.policy, refused.retry_after) == ("refuse", None)
    assert refused.sentence.startswith(f"The budget of tenant {us.tenant} of $0.00000005 has no room")


async def test_a_key_that_is_revoked_or_expires_stops_at_once(us: Identity, admission: Admission) -> None:
    made = await api_keys.create(us, "ci", "ann")
    await budgets.put(us, "key", "ci", "total", 1000)
    asked = ask(us.tenant, key=made.id)
    assert (await admission.admit(asked)).admitted
    assert (await admission.admit(ask("another", key=made.id))).code == "key_revoked"
    await api_keys.revoke(us, "ci")
    refused = await admission.extend(replace(asked, nano_usd=200))
    assert (refused.code, refused.sentence) == ("key_revoked", "This API key was revoked.")
    assert (await admission.admit(ask(us.tenant, key=made.id))).code == "key_revoked"
    admission.settle(record(asked, 40))
    await admission.flush()
    assert await held(us) == (40, 0), "what was under way is counted"
    await rows("UPDATE api_keys SET revoked_at = NULL, expires_at = now() WHERE id = %s RETURNING 1", made.id)
    assert (await admission.admit(ask(us.tenant, key=made.id))).code == "key_expired"


async def test_text_that_postgres_cannot_hold_and_numbers_too_large_hold_up_nobody(
    us: Identity, admission: Admission
) -> None:
    await budgets.put(us, "tenant", "", "run", 1000)
    odd = ask(us.tenant, run="\0 \ud800 \\u0000 ' %s")
    good = ask(us.tenant)
    verdicts = await asyncio.gather(
        *map(
            admission.admit,
            (
                odd,
                replace(good, id=uuid4(), nano_usd=2**70),
                good,
                replace(odd, id=uuid4(), run=os.urandom(10**5).hex()),
            ),
        )
    )
    assert [each.code for each in verdicts] == ["", "limits_unavailable", "", "limits_unavailable"]
    admission.settle(record(odd, 1, feature="\0", route=("\udfff",)))
    admission.settle(record(ask(us.tenant), 2**64))
    admission.settle(record(ask(us.tenant), 1, seconds=float("nan")))
    admission.settle(record(good, 1, status="nonsense"))
    admission.settle(record(ask(us.tenant), 1, model=uuid4()))
    admission.settle(record(good, 2))
    await admission.flush()
    assert (await ledger(us))["nano_usd"] == 3


async def test_an_ask_beside_a_settlement_that_is_no_use(us: Identity, admission: Admission) -> None:
    admission.settle(record(ask(us.tenant), 2**64))
    assert (await admission.admit(ask(us.tenant))).admitted
    admission.settle(record(ask(us.tenant), 3))
    assert (await admission.admit(ask(us.tenant, 2**64))).code == "limits_unavailable"
    assert (await ledger(us))["nano_usd"] == 3


async def test_a_tenants_books_are_open_to_it_alone(us: Identity, admission: Admission) -> None:
    await budgets.put(us, "tenant", "", "total", 1000)
    await api_keys.create(us, "ci", "ann")
    admission.settle(record(ask(us.tenant), 5))
    await admission.flush()
    start = (await rows("SELECT now() - interval '1 hour' AS at"))[0]["at"]
    assert len(await budgets.overview(us)) == len(await api_keys.overview(us)) == 1
    assert (await calls.usage(us, ["tenant"], start))[0]["nano_usd"] == 5
    with pytest.raises(InsufficientPrivilege):
        async with scoped(us) as member:
            await member.execute("SELECT FROM calls")
    other = Identity(f"other-{us.tenant}", "ann")
    assert not await budgets.overview(other)
    assert not await api_keys.overview(other)
    assert not await calls.usage(other, ["tenant"], start)
