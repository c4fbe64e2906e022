"""Plan the search: mend the question's words and name what its documents call by another name."""

from typing import Any

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import asker
from tools.query.plan import plan


async def understand(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The plan; the mended question takes the place of the one that was typed."""
    made = await plan(asker(runtime), state["standalone"])
    if runtime.context and runtime.context.depth == "careful":
        made |= {"way": "careful", "why": "A careful search was asked for."}
    return {"plan": made, "standalone": made["standalone"], "queries": [made["standalone"]]}
