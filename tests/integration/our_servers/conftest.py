"""Our servers with users, pages that some of them may see, and a model that calls a desk."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.users import users
from state.identity import Identity
from state.postgres.pool import Pool, admin
from state.settings import settings
from tests.fixtures.mcp_clients import serving, users_file
from tests.fixtures.model_server import ModelServer
from tests.fixtures.our_servers import ingested
from tests.fixtures.scripted import scripted_model
from tests.fixtures.toolboxes import toolbox_of
from tools.tool import Arguments, Result, Tool


@pytest.fixture
def people(us: Identity) -> dict[str, Identity]:
    """Four of one tenant, and a stranger."""
    names = {"ann": ("people",), "bob": (), "boss": ("managers",), "clerk": ("clerks",)}
    found = {name: Identity(us.tenant, f"{name}-{uuid4().hex[:6]}", groups) for name, groups in names.items()}
    return found | {"stranger": Identity(f"{us.tenant}-other", f"mallory-{uuid4().hex[:6]}", ("managers",))}


@pytest.fixture
async def url(
    pool: Pool, people: dict[str, Identity], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    monkeypatch.setenv("KAIROS_USERS", str(users_file(tmp_path, list(people.values()))))
    settings.cache_clear()
    users.cache_clear()
    async with serving() as address:
        yield address
    monkeypatch.undo()
    settings.cache_clear()
    users.cache_clear()


@pytest.fixture
async def stored(pool: Pool, people: dict[str, Identity], tmp_path: Path) -> None:
    """A page for everybody, and one for the group people, which is as if it had two pages."""
    await ingested(people["ann"], tmp_path / "pages")
    async with admin() as connection:
        await connection.execute(
            "UPDATE documents SET pages = 2, page_starts = '{0,20}' WHERE tenant = %s AND path = 'pay.txt'",
            (people["ann"].tenant,),
        )


@pytest.fixture
async def model(pool: Pool) -> AsyncIterator[ModelServer]:
    async with scripted_model() as server:
        yield server


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a desk has sent; its one tool must be approved."""
    mail: list[dict[str, Any]] = []

    async def send(arguments: Arguments, identity: Identity, key: UUID) -> Result:
        mail.append({**arguments, "for": identity.principal})
        return Result("Sent.")

    text = {"type": "string"}
    schema = {"type": "object", "properties": {"to": text, "body": text}, "required": ["to", "body"]}
    toolbox_of(monkeypatch, lambda: [Tool("desk.send_mail", "Send a mail.", schema, send, "outward", False)])
    return mail
