"""What a question asks for, by its words."""

import re
from dataclasses import dataclass
from typing import Literal

from tools.analyse import terms

Wanted = Literal[
    "yes_no",
    "count",
    "amount",
    "duration",
    "frequency",
    "time",
    "person",
    "place",
    "steps",
    "list",
    "reason",
    "text",
]

AUXILIARY = (
    "do|does|did|is|are|am|was|were|can|could|may|might|must|shall|should|will|would|has|have|had|isn't|aren't|don't"
    "|doesn't|can't|cannot|won't"
)
_ASKS = re.compile(
    rf"(?:(?:at|by|for|from|in|on|to|until|with) )?(?:what|when|where|which|who|whom|whose|how|why|{AUXILIARY})\b",
    re.IGNORECASE,
)
_AND = re.compile(rf"\?\s+|,?\s+and\s+(?={_ASKS.pattern})", re.IGNORECASE)
_START = re.compile(r"(?:^|[,;:.?!]\s+|\b(?:and|but|so|then|also|or)\s+)")
_RULES: tuple[tuple[Wanted, str], ...] = (
    ("frequency", r"how (?:often|frequently)|how many times"),
    ("duration", r"how (?:long|soon|quickly|fast|late|early|far (?:in advance|ahead))|what (?:is|are) the .{0,40}(?:period|deadline|duration)"
                 r"|how much (?:time|notice)|how many (?:\w+ )?(?:days?|weeks?|months?|years?|hours?|minutes?)"),
    ("amount", r"how (?:much|high|large|big)|what (?:\w+ ){0,6}(?:percentage|percent|share|proportion|fee|fees|price|cost|costs|rate|rates|amount"
               r"|limit|cap|maximum|minimum|budget|allowance|salary|sum|deductible|premium)\b"),
    ("count", r"how (?:many|old)|what (?:is the )?(?:\w+ ){0,3}(?:number|count) of|(?:maximum|minimum) number"),
    ("time", rf"when (?:{AUXILIARY})\b|when\W*$|(?:what|which|on which|by what|until what|from what) (?:\w+ )?(?:date|day|days|time|times|month|months|year|hours?|deadline)\b"),
    ("person", r"who\b|whom\b|whose\b|(?:which|what) (?:person|team|department|office|manager|group|committee|role|company|vendor|provider)\b"),
    ("place", r"where\b|(?:which|what) (?:address|room|floor|building|site|location|url|website|city|country|folder|channel)\b"),
    ("steps", r"how (?:do|does|can|could|should|would|must|to|is|are|am|did|will)\b|what (?:are the steps|steps|is the (?:process|procedure|way))"
              r"|what (?:do|should|must|can) (?:i|we|you|they|\w+s) do\b|what (?:should|must) happen"),
    ("reason", r"why\b|what (?:is|are) the (?:reason|purpose)|for what (?:reason|purpose)"),
    ("list", r"(?:what|which) (?:\w+ ){0,2}\w+[^s\W]s (?:are|do|can|must|should|were|will|count|need)\b|(?:what|which) are\b|list\b|name\b|give me\b|(?:what|which) (?:\w+ )?"
             r"(?:documents|types|kinds|items|things|countries|benefits|categories|expenses|conditions|requirements|rules|options|criteria)\b"),
    ("yes_no", rf"(?:{AUXILIARY})\b"),
)  # fmt: skip
_PREPOSITION = "(?:(?:about|after|at|by|for|from|in|of|on|to|until|under|up to|with|within) )?"
_COMPILED = tuple(
    (name, re.compile(f"{_PREPOSITION}(?:{pattern})", re.IGNORECASE)) for name, pattern in _RULES
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the kind of answer it wants, its content terms (stems, each once) and those of earlier turns."""

    text: str
    wanted: Wanted
    terms: tuple[str, ...]
    topic: tuple[str, ...]


def understand(text: str) -> Question:
    """Reads a question, with or without the topic that `tools.standalone` put after it; pure."""
    question, topic = split_topic(text.strip())
    asked = wanted(question)
    if asked == "text" and topic:
        asked = wanted(topic)
    own = tuple(dict.fromkeys(terms(question)))
    return Question(
        question, asked, own, tuple(term for term in dict.fromkeys(terms(topic)) if term not in own)
    )


def clauses(question: str) -> list[str]:
    """The questions that one text asks, if there are several: "when do I apply, and who signs it?"."""
    found = [part.strip(" ,?") for part in _AND.split(split_topic(question)[0])]
    asked = [part for place, part in enumerate(found) if terms(part) and (not place or _ASKS.match(part))]
    return asked if len(asked) > 1 else []


def split_topic(question: str) -> tuple[str, str]:
    """The question and the bracketed topic of earlier turns after it, "" if none."""
    match = re.fullmatch(r"(.*\S)\s+\(([^()]*)\)", question, re.DOTALL)
    return (match.group(1), match.group(2)) if match else (question, "")


def wanted(text: str) -> Wanted:
    """The kind of answer: that of the first clause that starts with a question word or auxiliary."""
    starts = [match.end() for match in _START.finditer(text.strip())]
    for start in starts:
        for name, pattern in _COMPILED:
            if pattern.match(text.strip(), start):
                return name
    return "text"
