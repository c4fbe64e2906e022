"""Whether something is to be done with a tool, or is a question for the documents: when in doubt, the latter."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tools.acting.choosing import ToolT
from tools.acting.imperatives import POLITE, asks_to_act
from tools.acting.known import is_known, known_arguments, read_by_rules

SURE = 0.9
"""How likely a tool must fit that only looks something up of the asker's own."""
_LOOK = re.compile(
    rf"^{POLITE}(?:show|list|check|look up|get|fetch|find|what(?:'s| is| are)|how (?:many|much))\b",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(?:my|mine|i have|do i have)\b", re.IGNORECASE)
_KNOWLEDGE = re.compile(
    r"\b(?:polic(?:y|ies)|handbook|rules?|guidelines?|procedures?|allowed|entitled|how (?:do|can|should|would|to)|what happens|"
    r"who (?:is|can|may|must|approves)|why|according to|documents?|summari[sz]e|explain)\b",
    re.IGNORECASE,
)  # fmt: skip


def might_want(question: str) -> bool:
    """Whether it is worth looking which tools there are. Reads the names of time zones the first time: not on the loop."""
    plain, today = _plain(question), datetime.now(UTC).date()
    return asks_to_act(plain) or _looks(plain) or is_known(plain, today)


async def wants_tool(question: str, tools: Sequence[ToolT]) -> bool:
    """Requests to act, sums and dates that a tool works out, and one's own records that a tool surely looks up."""
    plain, today = _plain(question), datetime.now(UTC).date()
    if await asyncio.to_thread(lambda: any(known_arguments(plain, tool.name, today) for tool in tools)):
        return True
    others = [tool for tool in tools if not read_by_rules(tool.name)]
    acts = asks_to_act(plain)
    if not others or not (acts or _looks(plain)):
        return False
    from tools.acting.fitting import fitting

    found = await fitting(plain, others, today)
    return found is not None and (acts or found.probability >= SURE)


def _plain(question: str) -> str:
    return " ".join(question.replace("’", "'").split())


def _looks(plain: str) -> bool:
    return bool(_LOOK.match(plain) and _MINE.search(plain) and not _KNOWLEDGE.search(plain))
