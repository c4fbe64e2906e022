"""Make of the ranked passages what the answering model reads."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from tools.assemble.distinct import distinct
from tools.assemble.fit import fit
from tools.assemble.join import join
from tools.assemble.order import order
from tools.models.catalog import choose


async def assemble(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Passages without repetition, within the budget of the run and of the model, in the order it reads best."""
    wanted = runtime.context or Context()
    model = await asyncio.to_thread(choose, "answer", wanted.model)
    # The other half of its context is for the prompt, the conversation and the answer.
    tokens = min(wanted.tokens, model.context // 2) if model.context else wanted.tokens
    chosen = fit(distinct(state["passages"]), max(wanted.passages, 1), max(tokens, 1))
    return {"passages": order(join(chosen), model.passage_order)}
