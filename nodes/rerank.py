"""Choose the passages that the answer may rest on."""

from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import asker
from tools.rerank.chosen import chosen
from tools.rerank.rank import rerank as ranked

MOST_PASSAGES = 20
"""That are ranked: `assemble` chooses from these what is read."""


async def rerank(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The best passages, best first, and which reranker they come from; the local one where a hosted one fails."""
    reranker = chosen()
    passages = await ranked(
        asker(runtime),
        state["queries"][-1],
        state["candidates"],
        MOST_PASSAGES,
        reranker=reranker,
        filters=(runtime.context or Context()).filters(),
    )
    return {"passages": passages, "reranked_by": reranker.by, "rerank_error": reranker.error}
