"""Yes or no, and only when the words leave no doubt."""

import re
from typing import Literal

_NEGATED = re.compile(
    r"\b(?:not|no|never|cannot|\w+n['’]t|neither|nor|none|nobody|nothing|prohibited|forbidden|excluded|ineligible"
    r"|impossible|banned|declined|refused|unable)\b",
    re.IGNORECASE,
)  # fmt: skip
_HEDGED = re.compile(
    r"\b(?:if|unless|only|except|but|however|depend\w*|provided|in (?:some|certain|single|other) cases|sometimes|might"
    r"|usually|normally|until|other than|apart from|once|as long as|after|before|rather|yet|though|although)\b",
    re.IGNORECASE,
)  # fmt: skip
_PERMIT = re.compile(
    r"\b(?:may|can|allowed?|permit(?:ted)?|eligible|entitled?|welcome|free to|possible|could)\b",
    re.IGNORECASE,
)
_REQUIRE = re.compile(
    r"\b(?:must|required?|requires|have to|has to|had to|needs? to|needed|mandatory|obliged|necessary|compulsory)\b",
    re.IGNORECASE,
)
_FREED = re.compile(
    r"\b(?:need not|not (?:required|needed|necessary|mandatory|obliged)|(?:not|n['’]t) (?:need|have) to|no need|optional"
    r"|voluntary|without (?:the )?(?:approval|permission|asking|booking))\b",
    re.IGNORECASE,
)  # fmt: skip
_LIKELY = re.compile(r"\b(?:would|should|aim|plan|hope|tr(?:y|ies) to|example)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\bor\b", re.IGNORECASE)

Verdict = Literal["Yes", "No"]


def is_negated(text: str) -> bool:
    """Whether the text denies or forbids something."""
    return _NEGATED.search(text) is not None


def verdict(question: str, sentence: str) -> Verdict | None:
    """What the sentence answers to a yes/no question whose words it covers; None when unsure."""
    if is_negated(question) or _CHOICE.search(question) or _HEDGED.search(sentence):
        return None
    if len(_NEGATED.findall(sentence)) > 1:
        return None
    if _REQUIRE.search(question):
        return _required(sentence)
    if _PERMIT.search(question):
        return _permitted(sentence)
    if _PERMIT.search(sentence) or _LIKELY.search(sentence):
        return None
    return "No" if is_negated(sentence) else "Yes"


def _required(sentence: str) -> Verdict | None:
    if _FREED.search(sentence):
        return "No"
    return "Yes" if _REQUIRE.search(sentence) and not is_negated(sentence) else None


def _permitted(sentence: str) -> Verdict | None:
    if is_negated(sentence):
        return "No"
    return "Yes" if _PERMIT.search(sentence) else None
