"""Dead letters over HTTP: tasks that failed or lost their process, and going on with them in the background."""

from typing import Annotated, Any

from fastapi import Path, Request

from app.acting import taken_up
from app.background import begin
from app.operators import operates
from app.users import identity_of
from state.postgres import agent_runs

Thread = Annotated[str, Path(pattern=r"^[\w.:-]{1,200}$")]


async def dead_letters(request: Request) -> dict[str, Any]:
    """Those of the asker, or of the whole tenant for its operators; oldest first."""
    identity = identity_of(request.user)
    return {"tasks": await agent_runs.dead(identity, own=not await operates(identity))}


async def resume(thread: Thread, request: Request) -> dict[str, str]:
    """Take it up once, whoever says so: it goes on as the person on whose behalf it acts."""
    identity = identity_of(request.user)
    await agent_runs.take_up(identity, thread, others=await operates(identity))
    begin(thread, taken_up(thread))
    return {"thread_id": thread, "status": "running"}
