"""Search the documents that the asker may see."""

from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.filters import Filters
from state.identity import asker
from tools.retrieval import find


async def retrieve(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Candidates from BM25 and vectors, fused."""
    only = runtime.context.documents if runtime.context else None
    return {
        "candidates": await find(
            asker(runtime), state["queries"][-1], filters=None if only is None else Filters(documents=only)
        )
    }
