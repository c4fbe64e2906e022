"""Choose the passages that the answer may rest on."""

from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import asker
from tools.rerank.rank import rerank as ranked

MOST_PASSAGES = 20
"""That are ranked: `assemble` chooses from these what is read."""


async def rerank(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The best passages by their sentences, best first."""
    only = runtime.context.documents if runtime.context else None
    query, candidates = state["queries"][-1], state["candidates"]
    return {"passages": await ranked(asker(runtime), query, candidates, MOST_PASSAGES, documents=only)}
