"""Whether somebody asks for something to be done, by how the sentence begins."""

import re

_ACTS = (
    "book|request|cancel|send|create|file|open|submit|add|delete|remove|update|change|assign|schedule|reschedule|order|"
    "approve|reject|register|reserve|close|move|rename|post|pay|transfer|invite|apply for|claim|raise|report|log|set|"
    "withdraw|upload|e-?mail|mail|message|remind|enter|extend|renew|return|convert|run|start|stop|archive|enrol|"
    "sign me up|make|put|forward|notify"
)
POLITE = (
    r"(?:(?:hi|hello|hey|please|ok(?:ay)?|now|then|and|also|kindly|just)[\s,!.]+)*"
    r"(?:(?:can|could|would|will) you (?:please |kindly )?|i(?:'d| would) like (?:you )?to |i (?:want|need|wish) (?:you )?to |"
    r"let(?:'s| us) |go ahead and |help me (?:to )?|i(?:'d| would) like )?(?:please )?"
)
_ACT = re.compile(
    rf"^{POLITE}(?:{_ACTS})\b(?!\s*(?:policy|policies|rules?|process|procedure)\b)", re.IGNORECASE
)
_WISH = re.compile(
    r"^(?:(?:hi|hello|please)[\s,!.]+)*i(?:'d| would) like (?:a|an|the|my|\d)|^(?:i need|i want) (?:a|an|\d)\b.*\b(?:booked|on|from|for)\b",
    re.IGNORECASE,
)


def asks_to_act(said: str) -> bool:
    """Whether the text begins like a request: book, cancel, send, please open, I would like a …"""
    return bool(_ACT.match(said) or _WISH.match(said))
