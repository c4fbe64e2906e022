"""From ranked passages to those that the answering model reads: the whole way."""

import asyncio
from collections.abc import Sequence

from state.context import Context
from state.guard import GuardVerdict
from state.identity import Identity
from state.passages import PassageData
from tools.assemble.distinct import distinct
from tools.assemble.fit import fit
from tools.assemble.join import join
from tools.assemble.order import order
from tools.guard.passages import guarded
from tools.models.catalog import choose


async def to_read(
    identity: Identity, ranked: Sequence[PassageData], wanted: Context
) -> tuple[list[PassageData], list[GuardVerdict]]:
    """Guarded passages without repetition, within the budget of run and model, in the order it reads best.

    And what the guards said of all that were looked at on the way.
    """
    model = await asyncio.to_thread(choose, "answer", wanted.model)
    # The other half of its context is for the prompt, the conversation and the answer.
    tokens = min(wanted.tokens, model.context // 2) if model.context else wanted.tokens
    most = max(wanted.passages, 1)
    allowed, verdicts = await guarded(identity, distinct(ranked), most)
    whole, further = await _joined(identity, fit(allowed, most, max(tokens, 1)))
    return order(whole, model.passage_order), [*verdicts, *further]


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
