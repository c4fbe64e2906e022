"""Approvals that wait: escalated, expired, and told to a webhook by one server of a database."""

import asyncio
import logging
from typing import Any

import httpx
from psycopg import OperationalError
from psycopg.rows import DictRow

from app.acting import carry_on
from state.errors import KairosError
from state.postgres import approvals
from state.settings import settings

log = logging.getLogger(__name__)

POLL_S = 30.0
TELL_S = 10.0


async def remind_for_ever() -> None:
    """Look every half a minute."""
    while True:
        try:
            await remind()
        except (KairosError, OperationalError) as error:
            log.error("Approvals could not be looked at: %s", error)
        await asyncio.sleep(POLL_S)


async def remind() -> None:
    """Let the tasks go on whose time is over, and tell of what was asked, is due or has expired."""
    for row in await approvals.due():
        if row["status"] == "expired":
            carry_on(row["thread_id"])
    if url := settings().approvals_webhook:
        await _tell_all(url.get_secret_value())


async def _tell_all(url: str) -> None:
    """Until nothing is left, or one was not taken: the next poll tells of it again, after what was not tried yet."""
    async with httpx.AsyncClient(timeout=TELL_S) as client:
        while rows := await approvals.to_tell():
            if not all(await asyncio.gather(*(_told(client, url, row) for row in rows))):
                return


async def _told(client: httpx.AsyncClient, url: str, row: DictRow) -> bool:
    try:
        async with asyncio.timeout(TELL_S):
            (await client.post(url, json=_message(row))).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        log.error("The webhook was not told of an approval (%s): %s", row["untold"], type(error).__name__)
        return False
    await approvals.told(row["id"], row["untold"])
    return True


def _message(row: DictRow) -> dict[str, Any]:
    """The arguments stay here: who may answer looks at them here."""
    return {
        "event": row["untold"],
        **{key: row[key] for key in ("tenant", "tool", "risk", "approvers")},
        "id": str(row["id"]),
        "for": row["principal"],
        "expires_at": row["expires_at"].isoformat(),
    }
