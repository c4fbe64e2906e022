"""Askers call a verdict a false alarm, and see how often that was done in their tenant."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.users import identity_of
from state.postgres import guard_reports

WORD = r"^[\w.:-]{1,100}$"


class Report(BaseModel):
    """What a check found in the turn with this trace was no reason to act."""

    model_config = ConfigDict(extra="forbid")

    trace_id: str = Field(pattern=WORD)
    check: str = Field(pattern=WORD)


async def report(given: Report, request: Request) -> dict[str, bool]:
    """Take a report; one on a turn of somebody else's is as unknown as one that never was."""
    await guard_reports.add(identity_of(request.user), given.trace_id, given.check)
    return {"reported": True}


async def reportable(trace_id: Annotated[str, Path(pattern=WORD)], request: Request) -> dict[str, list[str]]:
    """The checks that something was done about in a turn of the asker's: neither why nor where."""
    return {"checks": await guard_reports.reportable(identity_of(request.user), trace_id)}


async def reports(request: Request, days: Annotated[int, Query(ge=1, le=3650)] = 30) -> dict[str, Any]:
    """By check and rule of the tenant: what was found and what was reported in the last days."""
    since = datetime.now(UTC) - timedelta(days=days)
    return {"since": since, "counts": await guard_reports.counts(identity_of(request.user), since)}
