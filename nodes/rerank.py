"""Choose the passages that the answer may rest on, and of these what the answering model reads."""

from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.guard import GuardVerdict
from state.identity import asker
from tools.assemble.read import to_read
from tools.rerank.chosen import chosen
from tools.rerank.rank import rerank as ranked

MOST_PASSAGES = 20
"""That are ranked: what is read is chosen from these."""


async def rerank(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """What is read of the best passages, and which reranker they come from; the local one where a hosted one fails."""
    reranker, wanted = chosen(), runtime.context or Context()
    best = await ranked(
        asker(runtime),
        state["queries"][-1],
        state["candidates"],
        MOST_PASSAGES,
        reranker=reranker,
        filters=wanted.filters(),
    )
    # In the same step: what is ranked and not read would be one more checkpoint, of twenty texts.
    passages, verdicts = await to_read(asker(runtime), best, wanted)
    return {
        "passages": passages,
        "reranked_by": reranker.by,
        "rerank_error": reranker.error,
        "guard": _with(state.get("guard", []), verdicts),
    }


def _with(known: list[GuardVerdict], new: list[GuardVerdict]) -> list[GuardVerdict]:
    """The verdicts of the turn; what an earlier query found is judged anew where it is found again."""
    again = {verdict["source"] for verdict in new}
    return [one for one in known if one["source"] not in again] + new
