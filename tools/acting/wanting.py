"""Whether something is to be done with a tool, or is a question for the documents: when in doubt, the latter."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tools.acting.choosing import ToolT
from tools.acting.fitting import fitting
from tools.acting.known import known_arguments, read_by_rules

SURE = 0.9
"""How likely a tool must fit that only looks something up of the asker's own."""
_ACTS = (
    "book|request|cancel|send|create|file|open|submit|add|delete|remove|update|change|assign|schedule|reschedule|order|"
    "approve|reject|register|reserve|close|move|rename|post|pay|transfer|invite|apply for|claim|raise|report|log|set|"
    "withdraw|upload|e-?mail|mail|message|remind|enter|extend|renew|return|convert|run|start|stop|archive|enrol|"
    "sign me up|make|put|forward|notify"
)
_POLITE = (
    r"(?:(?:hi|hello|hey|please|ok(?:ay)?|now|then|and|also|kindly|just)[\s,!.]+)*"
    r"(?:(?:can|could|would|will) you (?:please |kindly )?|i(?:'d| would) like (?:you )?to |i (?:want|need|wish) (?:you )?to |"
    r"let(?:'s| us) |go ahead and |help me (?:to )?|i(?:'d| would) like )?(?:please )?"
)
_ACT = re.compile(
    rf"^{_POLITE}(?:{_ACTS})\b(?!\s*(?:policy|policies|rules?|process|procedure)\b)", re.IGNORECASE
)
_WISH = re.compile(
    r"^(?:(?:hi|hello|please)[\s,!.]+)*i(?:'d| would) like (?:a|an|the|my|\d)|^(?:i need|i want) (?:a|an|\d)\b.*\b(?:booked|on|from|for)\b",
    re.IGNORECASE,
)
_LOOK = re.compile(
    rf"^{_POLITE}(?:show|list|check|look up|get|fetch|find|what(?:'s| is| are)|how (?:many|much))\b",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(?:my|mine|i have|do i have)\b", re.IGNORECASE)
_KNOWLEDGE = re.compile(
    r"\b(?:polic(?:y|ies)|handbook|rules?|guidelines?|procedures?|allowed|entitled|how (?:do|can|should|would|to)|what happens|"
    r"who (?:is|can|may|must|approves)|why|according to|documents?|summari[sz]e|explain)\b",
    re.IGNORECASE,
)  # fmt: skip


async def wants_tool(question: str, tools: Sequence[ToolT]) -> bool:
    """Requests to act, sums and dates that a tool works out, and one's own records that a tool surely looks up."""
    plain, today = " ".join(question.replace("’", "'").split()), datetime.now(UTC).date()
    if any(known_arguments(plain, tool.name, today) for tool in tools):
        return True
    others = [tool for tool in tools if not read_by_rules(tool.name)]
    acts = bool(_ACT.match(plain) or _WISH.match(plain))
    looks = bool(_LOOK.match(plain) and _MINE.search(plain) and not _KNOWLEDGE.search(plain))
    if not others or not (acts or looks):
        return False
    found = await fitting(plain, others, today)
    return found is not None and (acts or found.probability >= SURE)
