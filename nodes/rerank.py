"""Choose the passages that the answer may rest on."""

from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import asker
from tools import retrieval

MOST_PASSAGES = 20
"""That are ranked: `assemble` chooses from these what is read."""


async def rerank(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The best passages by their sentences, best first."""
    query, candidates = state["queries"][-1], state["candidates"]
    found = await retrieval.rerank(asker(runtime), query, candidates, MOST_PASSAGES)
    return {"passages": found}
