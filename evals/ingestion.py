"""Files into an evaluation's own database, through the product's own ingest machine."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

from langgraph.checkpoint.memory import InMemorySaver

from graphs.ingest import LIMITS, build
from state.context import Context
from state.identity import Identity

EVALUATOR = Identity("eval", "eval", local=True)


async def ingestion(paths: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
    """The events of one whole run."""
    config: Any = {"configurable": {"thread_id": str(uuid4()), "langgraph_auth_user": EVALUATOR}, **LIMITS}
    machine = build().compile(checkpointer=InMemorySaver())
    given = {"paths": list(paths)}
    events: Any = machine.astream(given, config, context=Context(), stream_mode="custom", subgraphs=True)
    async for _, event in events:
        yield event
