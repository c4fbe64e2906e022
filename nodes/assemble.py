"""Make of the ranked passages what the answering model reads."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.guard import GuardVerdict
from state.identity import Identity, asker
from state.passages import PassageData
from tools.assemble.distinct import distinct
from tools.assemble.fit import fit
from tools.assemble.join import join
from tools.assemble.order import order
from tools.guard.passages import guarded
from tools.models.catalog import choose


async def assemble(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Guarded passages without repetition, within the budget of run and model, in the order it reads best."""
    wanted = runtime.context or Context()
    model = await asyncio.to_thread(choose, "answer", wanted.model)
    # The other half of its context is for the prompt, the conversation and the answer.
    tokens = min(wanted.tokens, model.context // 2) if model.context else wanted.tokens
    most = max(wanted.passages, 1)
    allowed, verdicts = await guarded(asker(runtime), distinct(state["passages"]), most)
    whole, further = await _joined(asker(runtime), fit(allowed, most, max(tokens, 1)))
    return {
        "passages": order(whole, model.passage_order),
        "guard": _with(state.get("guard", []), [*verdicts, *further]),
    }


async def _joined(
    identity: Identity, passages: list[PassageData]
) -> tuple[list[PassageData], list[GuardVerdict]]:
    """Overlapping passages as one; what only shows once they are joined is looked for again."""
    seen = {passage["text"] for passage in passages}
    found: list[PassageData] = []
    verdicts: list[GuardVerdict] = []
    for passage in join(passages):
        if passage["text"] in seen:
            found.append(passage)
            continue
        allowed, its = await guarded(identity, [{**passage, "suspicion": None}], 1)
        found += allowed
        verdicts += its
    return found, verdicts


def _with(known: list[GuardVerdict], new: list[GuardVerdict]) -> list[GuardVerdict]:
    """The verdicts of the turn; what an earlier query found is judged anew where it is found again."""
    again = {verdict["source"] for verdict in new}
    return [one for one in known if one["source"] not in again] + new
