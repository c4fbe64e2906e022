"""Who was refused again and again is refused for a while; others are not, and without the database nobody is let in."""

from uuid import uuid4

import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import Pool, admin
from state.postgres.turns import Turn, add
from tests.fixtures.gateway import tenant
from tools.guard.check import About
from tools.guard.checks import repeated_abuse
from tools.guard.checks.repeated_abuse import Options

pytestmark = pytest.mark.usefixtures("pool")


def turn(refusal: str | None) -> Turn:
    return Turn(
        thread_id=str(uuid4()),
        trace_id=str(uuid4()),
        route="refused" if refusal else "answer",
        refusal=refusal,
        declined=False,
        supported=False,
        model="none",
        prompt="",
        queries=0,
        input_tokens=0,
        output_tokens=0,
        cost=0.0,
        seconds=0.1,
    )


@pytest.fixture
def ada() -> Identity:
    return tenant()


async def refused(who: Identity, *codes: str | None) -> None:
    for code in codes:
        await add(who, turn(code))


async def rules(who: Identity | None, **options: object) -> list[tuple[str, int, int]]:
    hits = await repeated_abuse.find("text", Options.model_validate(options), About(identity=who))
    return [(hit.rule, hit.start, hit.end) for hit in hits]


async def test_too_many_refusals_refuse_the_next_text(ada: Identity) -> None:
    await refused(ada, "attack", "harmful", "attack")
    assert await rules(ada, refusals=4) == []
    assert await rules(ada, refusals=3) == [("refused_too_often", 0, 4)]


async def test_only_refusals_with_the_codes_count(ada: Identity) -> None:
    await refused(ada, "question_too_long", "check_failed", "too_many_refusals", None, None, "attack")
    assert await rules(ada, refusals=2) == []
    assert await rules(ada, refusals=2, codes=("attack", "check_failed")) != []


async def test_they_are_counted_for_each_person(ada: Identity) -> None:
    await refused(ada, "attack", "attack")
    assert await rules(Identity(ada.tenant, "somebody else"), refusals=2) == []
    assert await rules(Identity(f"{ada.tenant}-2", ada.principal), refusals=2) == []
    assert await rules(ada, refusals=2) != []


async def test_old_ones_are_forgotten(ada: Identity) -> None:
    await refused(ada, "attack", "attack")
    async with admin() as connection:
        await connection.execute(
            "UPDATE turns SET created_at = now() - interval '20 minutes' WHERE tenant = %s", (ada.tenant,)
        )
    assert await rules(ada, refusals=2, minutes=10) == []
    assert await rules(ada, refusals=2, minutes=30) != []


async def test_the_count_uses_the_index(pool: Pool, ada: Identity) -> None:
    async with admin() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        rows = await connection.execute(
            "EXPLAIN SELECT FROM turns WHERE tenant = %s AND principal = %s AND refusal IS NOT NULL"
            " AND refusal = ANY(%s) AND created_at > now() - make_interval(secs => 600)",
            (ada.tenant, ada.principal, ["attack"]),
        )
        plan = " ".join(row["QUERY PLAN"] for row in await rows.fetchall())
    assert "turns_refused" in plan


async def test_nobody_is_let_in_unknown() -> None:
    with pytest.raises(KairosError) as failed:
        await rules(None)
    assert failed.value.code == "unauthenticated"


async def test_nobody_is_let_in_when_the_count_fails(ada: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    from state.postgres import turns

    def broken() -> None:
        raise KairosError("database_unavailable", "The server is gone.")

    monkeypatch.setattr(turns, "connection", broken)
    with pytest.raises(KairosError) as failed:
        await rules(ada)
    assert failed.value.code == "database_unavailable"
