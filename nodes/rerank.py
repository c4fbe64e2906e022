"""Choose the passages that the answer may rest on."""

from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import asker
from tools import retrieval


async def rerank(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The best passages by their sentences, best first."""
    limit = runtime.context.passages if runtime.context else Context().passages
    found = await retrieval.rerank(asker(runtime), state["queries"][-1], state["candidates"], limit)
    return {"passages": found}
