"""Admission while the database goes away and comes back."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import psycopg
import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres import admission as module
from state.postgres import api_key_lookup, api_keys, budgets, unsettled
from state.postgres.admission import Admission
from state.postgres.pool import admin, close_pool
from state.settings import settings
from tests.fixtures.admissions import ask, record
from tests.fixtures.proxy import Proxy, proxy

US = Identity("us", "ann")


@pytest.fixture
async def door(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """The way to the database, which can be shut."""
    async with proxy(database) as door:
        monkeypatch.setenv("KAIROS_DATABASE_URL", door.where)
        monkeypatch.setattr(module, "RETRY_S", 0.05)
        settings.cache_clear()
        yield door
        await close_pool()


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def allow() -> None:
        monkeypatch.setenv("KAIROS_LIMITS_WITHOUT_DATABASE", "allow")
        settings.cache_clear()

    return allow


async def found(database: str, statement: str) -> list[tuple[object, ...]]:
    """Rows, read past the door."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        return await (await connection.execute(statement.encode())).fetchall()


async def until_back(admission: Admission) -> None:
    for _ in range(200):
        if not (verdict := await admission.admit(ask("us"))).code and not verdict.warnings:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the admissions did not find the database again")


async def test_without_a_database_calls_are_refused_and_settlements_wait(door: Proxy, database: str) -> None:
    await budgets.put(US, "tenant", "", "total", 10_000)
    admission = Admission()
    asks = [ask("us") for _ in range(3)]
    for each in asks:
        assert (await admission.admit(each)).admitted
    await door.shut()
    refused = await admission.admit(ask("us"))
    assert (refused.admitted, refused.code, refused.policy) == (False, "limits_unavailable", "refuse")
    assert (
        refused.sentence
        == "The database that counts budgets and limits cannot be reached, so that no call is admitted."
    )
    assert refused.retry_after is not None
    for each in asks:
        admission.settle(record(each, 7))
    with pytest.raises(KairosError) as caught:
        await admission.flush()
    assert caught.value.code == "database_unavailable"
    assert await found(database, "SELECT spent, reserved FROM spending") == [(0, 300)]
    await door.open()
    await until_back(admission)
    await admission.flush()
    assert await found(database, "SELECT spent, reserved FROM spending") == [(21, 100)]
    counted = await found(database, "SELECT status, count(*) FROM calls GROUP BY 1 ORDER BY 1")
    assert counted == [("ok", 3), ("refused", 1)]
    await admission.close()


async def test_settlements_are_written_without_another_call_when_it_is_back(
    door: Proxy, database: str
) -> None:
    admission = Admission()
    await admission.admit(ask("us"))
    await door.shut()
    admission.settle(record(ask("us"), 5))
    await asyncio.sleep(0.2)
    await door.open()
    for _ in range(200):
        if await found(database, "SELECT FROM calls"):
            break
        await asyncio.sleep(0.05)
    assert await found(database, "SELECT nano_usd FROM calls") == [(5,)]
    await admission.close()


async def test_where_it_is_allowed_calls_go_on_and_are_counted_afterwards(
    door: Proxy, database: str, allowed: Callable[[], None]
) -> None:
    await budgets.put(US, "tenant", "", "total", 10_000)
    admission = Admission()
    assert (await admission.admit(ask("us"))).admitted
    await door.shut()
    allowed()
    asked = ask("us")
    for verdict in (await admission.admit(asked), await admission.extend(replace(asked, nano_usd=900))):
        assert verdict.admitted
        assert verdict.warnings == (
            "The database that counts budgets and limits cannot be reached: this call is checked against none.",
        )
    admission.settle(record(asked, 850))
    await door.open()
    await until_back(admission)
    await admission.flush()
    assert await found(database, "SELECT spent, reserved FROM spending") == [(850, 200)]
    await admission.close()


async def test_a_session_that_was_cut_is_replaced_unnoticed(door: Proxy, database: str) -> None:
    admission = Admission()
    await admission.admit(ask("us"))
    for _ in range(3):
        await found(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()",
        )
        assert (await admission.admit(ask("us"))).code == ""
    await admission.close()


async def test_a_batch_whose_answer_was_lost_is_counted_once(door: Proxy, database: str) -> None:
    """Whatever moment the connection breaks at: asks that were admitted are reserved once, settlements counted once."""
    await budgets.put(US, "tenant", "", "total", 10**9)
    admission = Admission()
    await admission.admit(ask("us", 0))
    spent = 0

    async def call() -> None:
        nonlocal spent
        asked = ask("us")
        if (await admission.admit(asked)).admitted:
            spent += 30
            admission.settle(record(asked, 30))

    for n in range(12):
        calls = [asyncio.create_task(call()) for _ in range(5)]
        await asyncio.sleep(0.0007 * n)
        await door.shut()
        await door.open()
        await asyncio.gather(*calls)
        await until_back(admission)
    await admission.flush()
    await found(database, "SELECT sweep_reservations()")
    ((counted, reserved),) = await found(database, "SELECT spent, reserved FROM spending")
    assert counted == spent > 0
    assert reserved == 12 * 100, "those of until_back"
    assert await found(database, "SELECT sum(nano_usd)::int FROM reservations") == [(reserved,)]
    await admission.close()


async def test_too_many_settlements_push_out_the_oldest_and_say_so(
    door: Proxy, database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(unsettled, "KEPT", 10)
    admission = Admission()
    await admission.admit(ask("us"))
    await door.shut()
    asks = [ask("us") for _ in range(15)]
    with caplog.at_level(logging.ERROR, unsettled.__name__):
        for n, each in enumerate(asks):
            admission.settle(record(each, n))
        await asyncio.sleep(0.1)
    assert [entry.getMessage() for entry in caplog.records] == [
        "1 settlements of calls dropped: 10 wait already"
    ]
    await door.open()
    await until_back(admission)
    await admission.flush()
    assert await found(database, "SELECT sum(nano_usd)::int FROM calls") == [(sum(range(5, 15)),)]
    await admission.close()


async def test_what_cannot_be_written_at_the_end_is_told(
    door: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    admission = Admission()
    await admission.admit(ask("us"))
    await door.shut()
    admission.settle(record(ask("us"), 1))
    await admission.close()
    assert "1 settlements of calls were lost: the database is gone" in caplog.messages
    await door.open()


async def test_a_key_that_was_seen_before_works_where_calls_are_allowed(
    door: Proxy, allowed: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await api_keys.create(US, "ci", "ann")
    unseen = await api_keys.create(US, "cd", "ann")
    known = await api_key_lookup.find(made.secret)
    await close_pool()
    await door.shut()
    monkeypatch.setattr(api_key_lookup, "FRESH_S", 0.0)
    for secret in (made.secret, unseen.secret):
        with pytest.raises(KairosError, match="connection was refused"):
            await api_key_lookup.find(secret)
    allowed()
    assert await api_key_lookup.find(made.secret) == known
    with pytest.raises(KairosError, match="connection was refused"):
        await api_key_lookup.find(unseen.secret)
    await door.open()


async def test_a_first_ask_without_a_database_is_answered(
    monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    await close_pool()
    monkeypatch.setenv("KAIROS_DATABASE_URL", "postgresql://kairos@127.0.0.1:9/none")
    settings.cache_clear()
    admission = Admission()
    assert (await admission.admit(ask("us"))).code == "limits_unavailable"
    await admission.close()
    async with asyncio.timeout(5):
        with pytest.raises(KairosError):
            async with admin():
                pass
