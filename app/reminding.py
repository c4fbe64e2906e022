"""Reminders of what waits for people: escalated, expired and told to a webhook by one server of a database."""

import asyncio
import logging
from typing import Any

from psycopg import OperationalError

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


async def remind() -> int:
    """Tell of each approval that is due, and let the tasks go on whose time is over; how many there were."""
    rows = await approvals.due()
    for row in rows:
        await _tell(row)
        if row["status"] == "expired":
            carry_on(row["thread_id"])
    return len(rows)


async def _tell(row: dict[str, Any]) -> None:
    """POST it to KAIROS_APPROVALS_WEBHOOK; the arguments stay here, a link is enough to look at them."""
    url = settings().approvals_webhook
    if url is None:
        return
    import httpx

    event = "expired" if row["status"] == "expired" else "reminder"
    body = {
        "event": event,
        **{key: row[key] for key in ("tenant", "tool", "risk", "approvers")},
        "id": str(row["id"]),
        "for": row["principal"],
        "expires_at": row["expires_at"].isoformat(),
    }
    try:
        async with httpx.AsyncClient(timeout=TELL_S) as client:
            (await client.post(url.get_secret_value(), json=body)).raise_for_status()
    except httpx.HTTPError as error:
        log.error("The webhook did not take a reminder: %s", type(error).__name__)
