"""The endpoint alone, without the LangGraph server."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route

from app.gateway.completions import chat_completions
from app.gateway.others import embeddings, models, rerank
from state.postgres.pool import close_pool, open_pool
from tools.guard.policy.watch import policies
from tools.models.opened import close_door, door

ROUTES = [
    Route("/v1/chat/completions", chat_completions, methods=["POST"]),
    Route("/v1/embeddings", embeddings, methods=["POST"]),
    Route("/v1/rerank", rerank, methods=["POST"]),
    Route("/v1/models", models, methods=["GET"]),
]


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[None]:
    """Read the policies, open the database and the door before the first request, settle and close after the last."""
    await policies.ready()  # a mistake in a guard policy refuses the start
    await open_pool()
    (await door()).share()
    gc.freeze()  # what was imported stays
    try:
        yield
    finally:
        await close_door()
        await close_pool()


def application() -> Starlette:
    """The ASGI application."""
    return Starlette(routes=ROUTES, lifespan=serving)
