"""What guards found is counted by check and rule, and false alarms beside it; each tenant sees its own."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from app.cli import cli
from state.errors import KairosError
from state.identity import Identity
from state.postgres import guard_reports, guard_verdicts
from state.postgres.pool import Pool, admin, scoped
from tests.fixtures.gateway import tenant
from tests.fixtures.guard import verdict

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def counted(identity: Identity) -> list[tuple[str, str, int, int, int, int]]:
    rows = await guard_reports.counts(identity, LONG_AGO)
    return [(r["check"], r["rule"], r["places"], r["turns"], r["dry_run"], r["reports"]) for r in rows]


async def rows_of(identity: Identity) -> list[dict[str, object]]:
    async with admin() as connection:
        query = "SELECT * FROM guard_verdicts WHERE tenant = %s ORDER BY trace_id, number"
        return await (await connection.execute(query, (identity.tenant,))).fetchall()


async def test_alike_verdicts_of_a_turn_are_one_row(pool: Pool, us: Identity) -> None:
    found = [verdict("a"), verdict("b", score=0.5), verdict("b", score=0.7), verdict("b", action="flag")]
    await guard_verdicts.add(us, "trace", found)
    rows = await rows_of(us)
    shown = [(row["check_name"], row["action"], row["hits"], row["score"]) for row in rows]
    assert shown == [("a", "refuse", 1, 0.9), ("b", "refuse", 2, 0.7), ("b", "flag", 1, 0.9)]
    assert {row["policy"] for row in rows} == {"default:0123456789ab"}
    assert {row["principal"] for row in rows} == {us.principal}


async def test_a_turn_that_is_replayed_is_recorded_once(pool: Pool, us: Identity) -> None:
    for _ in range(2):
        await guard_verdicts.add(us, "trace", [verdict("a"), verdict("b")])
    await guard_verdicts.add(us, "none", [])
    assert len(await rows_of(us)) == 2


async def test_a_hostile_text_makes_few_rows(pool: Pool, us: Identity) -> None:
    await guard_verdicts.add(us, "trace", [verdict("personal_data", "EMAIL", "redact")] * 50_000)
    (row,) = await rows_of(us)
    assert row["hits"] == 50_000


async def test_verdicts_and_reports_are_counted(pool: Pool, us: Identity) -> None:
    other = Identity(us.tenant, "bob")
    await guard_verdicts.add(us, "t1", [verdict("a"), verdict("a"), verdict("b", "x", dry_run=True)])
    await guard_verdicts.add(us, "t2", [verdict("a"), verdict("b", "y")])
    await guard_verdicts.add(other, "t3", [verdict("b", "x")])
    await guard_reports.add(us, "t1", "b")
    await guard_reports.add(other, "t3", "b")
    await guard_reports.add(us, "t2", "b")
    assert await counted(us) == [("b", "x", 2, 2, 1, 2), ("b", "y", 1, 1, 0, 1), ("a", "r", 3, 2, 0, 0)]
    assert await guard_reports.counts(us, datetime.now(UTC) + timedelta(hours=1)) == []


async def test_a_person_reports_a_verdict_once(pool: Pool, us: Identity) -> None:
    await guard_verdicts.add(us, "t", [verdict("a", "x"), verdict("a", "y"), verdict("b")])
    await asyncio.gather(*(guard_reports.add(us, "t", "a") for _ in range(8)))
    assert await counted(us) == [("a", "x", 1, 1, 0, 1), ("a", "y", 1, 1, 0, 1), ("b", "r", 1, 1, 0, 0)]


async def test_only_the_asker_reports_and_only_what_was_found(pool: Pool, us: Identity) -> None:
    await guard_verdicts.add(us, "t", [verdict("a")])
    for who, trace, check in (
        (us, "t", "b"),
        (us, "u", "a"),
        (Identity(us.tenant, "bob"), "t", "a"),
        (Identity(tenant().tenant, us.principal), "t", "a"),
    ):
        with pytest.raises(KairosError) as told:
            await guard_reports.add(who, trace, check)
        assert told.value.code == "verdict_unknown"
    assert await counted(us) == [("a", "r", 1, 1, 0, 0)]


async def test_each_tenant_sees_and_writes_its_own(pool: Pool, us: Identity) -> None:
    await guard_verdicts.add(us, "t", [verdict("a")])
    await guard_reports.add(us, "t", "a")
    assert await counted(tenant()) == []
    for table in ("guard_verdicts", "guard_reports"):
        async with scoped(tenant()) as connection:
            row = await (await connection.execute(f"SELECT count(*) AS n FROM {table}")).fetchone()
        assert row == {"n": 0}
        with pytest.raises(Exception, match="permission denied"):
            async with scoped(us) as connection:
                await connection.execute(f"DELETE FROM {table}")
    with pytest.raises(Exception, match="row-level security"):
        async with scoped(tenant()) as connection:
            await connection.execute(
                "INSERT INTO guard_reports (tenant, principal, trace_id, check_name, rule, code, policy) "
                "VALUES (%s, 'p', 't', 'c', 'r', 'c', 'p')",
                (us.tenant,),
            )


def test_the_command_shows_the_counts(home: object) -> None:
    name = f"tenant-{uuid4().hex}"
    ann = Identity(name, "ann")

    async def found() -> None:
        from state.postgres.pool import close_pool

        await guard_verdicts.add(ann, "t", [verdict("attack"), verdict("secrets", "github token", "redact")])
        await guard_reports.add(ann, "t", "attack")
        await close_pool()

    asyncio.run(found())
    done = CliRunner().invoke(cli, ["guards", "reports", "--tenant", name, "--json"])
    assert done.exit_code == 0, done.output
    counts = json.loads(done.stdout)["counts"]
    assert [(row["check"], row["reports"]) for row in counts] == [("attack", 1), ("secrets", 0)]
    shown = CliRunner().invoke(cli, ["guards", "reports", "--tenant", name, "--since", "7d"])
    assert "github token" in shown.stdout
    assert (
        "Nothing was found." in CliRunner().invoke(cli, ["guards", "reports", "--tenant", f"{name}x"]).stdout
    )
