"""The webhook of approvals: told once of each thing, again where it did not take it, and by one server alone."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.reminding import remind
from state.identity import Identity
from state.postgres import approvals
from state.postgres.approvals import Asked
from state.postgres.connect import OPTIONS
from state.postgres.migrate import FOLDER, migrate
from state.postgres.pool import Pool, admin
from state.settings import settings
from tests.fixtures.loopback import serving

PAST = timedelta(seconds=-1)


@dataclass
class Webhook:
    """What came, and whether it is taken."""

    came: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    async def take(self, request: Request) -> Response:
        self.came.append(await request.json())
        return Response(status_code=self.status)

    def events(self, approval: UUID) -> list[str]:
        return [one["event"] for one in self.came if one["id"] == str(approval)]


@pytest.fixture
async def webhook(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Webhook]:
    made = Webhook()
    async with serving([Route("/hook", made.take, methods=["POST"])]) as address:
        monkeypatch.setenv("KAIROS_APPROVALS_WEBHOOK", f"{address}/hook")
        settings.cache_clear()
        yield made
    monkeypatch.undo()
    settings.cache_clear()


async def _asked(us: Identity, **more: Any) -> UUID:
    one = Asked(uuid4(), str(uuid4()), "desk.pay", "money", {"amount": 5}, "Pay 5.", ["bosses"], **more)
    await approvals.ask(us, [one])
    return one.id


async def test_what_is_asked_is_told_once_by_one_server(us: Identity, webhook: Webhook) -> None:
    one, decided, over = await _asked(us), await _asked(us), await _asked(us, expires=PAST)
    await approvals.answer(Identity(us.tenant, "boss", ("bosses",)), decided, "ignore")
    await asyncio.gather(*(remind() for _ in range(4)))
    await remind()
    assert webhook.events(one) == ["asked"]
    assert webhook.events(decided) == []
    assert webhook.events(over) == ["expired"]
    (told,) = [body for body in webhook.came if body["id"] == str(one)]
    assert (told["tenant"], told["for"], told["tool"]) == (us.tenant, us.principal, "desk.pay")
    assert (told["risk"], told["approvers"]) == ("money", ["bosses"])
    assert "amount" not in str(told)


async def test_what_the_webhook_did_not_take_is_told_again(
    us: Identity, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook.status = 503
    one = await _asked(us)
    await remind()
    await remind()
    assert webhook.events(one) == ["asked"]  # not before the next poll
    monkeypatch.setattr(approvals, "TELL_AGAIN", "0 seconds")
    await _due_again(one)
    await remind()
    webhook.status = 200
    await remind()
    await remind()
    assert webhook.events(one) == ["asked"] * 3
    for event, column in (("reminder", "remind_at"), ("expired", "expires_at")):
        async with admin() as connection:
            await connection.execute(f"UPDATE approvals SET {column} = now() WHERE id = %s", (one,))
        webhook.came.clear()
        webhook.status = 503
        await remind()
        webhook.status = 200
        await remind()
        await remind()
        assert webhook.events(one) == [event] * 2


async def test_a_decision_ends_the_telling(us: Identity, webhook: Webhook) -> None:
    webhook.status = 503
    one, late = await _asked(us), await _asked(us, expires=PAST)
    await remind()
    assert (webhook.events(one), webhook.events(late)) == (["asked"], ["expired"])
    await approvals.answer(Identity(us.tenant, "boss", ("bosses",)), one, "accept")
    async with admin() as connection:
        await connection.execute(
            "UPDATE approvals SET decided_at = now() - interval '2 days' WHERE id = %s", (late,)
        )
    webhook.status = 200
    await _due_again(one, late)
    await remind()
    assert (webhook.events(one), webhook.events(late)) == (["asked"], ["expired"])


async def test_many_are_told_in_one_poll(
    us: Identity, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "AT_ONCE", 2)
    many = [await _asked(us) for _ in range(5)]
    await remind()
    assert [webhook.events(one) for one in many] == [["asked"]] * 5


async def test_what_stood_before_is_not_told(database: str, tmp_path: Path) -> None:
    for file in sorted(FOLDER.glob("*.sql")):
        if file.name < "0014":
            shutil.copy(file, tmp_path)
    async with await AsyncConnection[DictRow].connect(database, **OPTIONS) as connection:
        await migrate(connection, tmp_path)
        await connection.execute(
            "INSERT INTO approvals (id, tenant, principal, thread_id, tool, risk, arguments, description, approvers, "
            "own, needed, expires_at) VALUES (gen_random_uuid(), 't', 'p', 'x', 'd', 'read', '{}', '', '{}', false, 1, "
            "now() + interval '1 day')"
        )
        await migrate(connection)
    assert await approvals.to_tell() == []


async def _due_again(*ids: UUID) -> None:
    async with admin() as connection:
        await connection.execute("UPDATE approvals SET tell_at = now() WHERE id = ANY(%s)", (list(ids),))
