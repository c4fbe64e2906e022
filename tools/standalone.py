"""Makes a follow-up question stand on its own for retrieval, by carrying over the topic of earlier turns."""

import re
from collections.abc import Sequence

from tools.analyse import stem, terms
from tools.reading.question import AUXILIARY, split_topic, wanted
from tools.reading.weights import LIGHT
from tools.route import route

_OPENING = re.compile(
    r"\A(?:(?:and|but|or|so|also|then|same|what about|how about|what if|ok(?:ay)?|yes|no)\b[\s,]*)+",
    re.IGNORECASE,
)
_ANAPHOR = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|him|his|her|hers|those|these|ones?|the (?:same|other|latter|former)"
    r"|(?:that|this)(?=\W*$|\W*[,;?]|\s+(?:is|was|are|be|mean|means|apply|applies|count|counts|change|changes|work|works"
    r"|include|includes|cover|covers|case|too|also|happens?|on|in|at|for|from|with|by|if|when|to|as)\b)"
    r"|(?<!is )(?<!are )there(?=\W*$))\b",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\bit (?=(?:takes?|costs?) \w+.* to\b|(?:take|cost) to\b|(?:is |be )?(?:\w+ )?(?:allowed|possible|ok|okay|true|safe"
    r"|necessary|required|permitted|mandatory|acceptable|fine|legal) )|\bone (?=of|or|day|week|month|year|hour)\b",
    re.IGNORECASE,
)  # fmt: skip
_CLOSING = re.compile(
    r"\b(?:too|as well|instead|either|then|though|afterwards|next|back)\W*\Z", re.IGNORECASE
)
_CLAUSE = re.compile(r",|;|\b(?:and|or|but)\b", re.IGNORECASE)
_PREPOSITIONS = "for|in|at|to|from|on|with|by|during|after|before|under"
_WORD = re.compile(r"[\w'’-]+")
_MOST_WORDS = 24  # carried over at most, so that the new question still leads
_AUXILIARY = re.compile(rf"\b(?:{AUXILIARY})\b", re.IGNORECASE)
_REPLIES = frozenset("""yes no yeah yep nope ok okay sure correct right thank thanks""".split())
# Nouns that a question asks about but that name no topic: "what is the deadline?"
_RELATIONAL = frozenset(
    stem(word)
    for word in (
        "amount approval approver budget condition contact cost date deadline difference document eligible example "
        "exception fee form hear latest limit link maximum minimum next number penalty period policy price procedure "
        "process rate reason request requirement responsible rule step total approve"
    ).split()
)


def standalone(question: str, history: Sequence[tuple[str, str]]) -> str:
    """The question, and in brackets the topic it leans on; unchanged if it stands alone.

    history: ("user" or "assistant", text), oldest first. Pure and rule based.
    """
    question = question.strip()
    if not history or _is_aside(question) or not _leans(question):
        return question
    topic = _topic(question, history)
    return f"{question} ({topic})" if topic else question


def _is_aside(question: str) -> bool:
    """Small talk, or noise that asks for nothing."""
    kind = route(question)
    return kind == "small_talk" or (kind == "unclear" and wanted(question) == "text")


def _leans(question: str) -> bool:
    """Whether it opens like a follow-up, says too little, or has a pronoun that nothing in it explains."""
    topical = [term for term in _content(question) if term not in _RELATIONAL]
    if (
        _OPENING.match(question)
        or _CLOSING.search(question)
        or not topical
        or (len(topical) == 1 and not _AUXILIARY.search(question))
    ):
        return True
    plain = _EXPLETIVE.sub("", question)
    return any(not _explained(plain[: match.start()]) for match in _ANAPHOR.finditer(plain))


def _explained(before: str) -> bool:
    """Whether an earlier clause of the same question names what a pronoun may mean."""
    clauses = _CLAUSE.split(before)
    return any(_content(clause) for clause in clauses[:-1])


def _topic(question: str, history: Sequence[tuple[str, str]]) -> str:
    """The latest user turn that says something, itself made standalone; after a bare "yes", the reply before it."""
    last_role, last_text = history[-1]
    if last_role == "assistant" and not _content(question) and wanted(question) == "text":
        return _shortened(last_text, question)
    for place in range(len(history) - 1, -1, -1):
        role, text = history[place]
        if role == "user" and _content(text):
            earlier, topic = split_topic(standalone(text, history[:place]))
            return _shortened(f"{earlier} {topic}", question)
    return _shortened(last_text, question) if last_role == "assistant" else ""


def _shortened(earlier: str, question: str) -> str:
    """What `earlier` adds: in full if the question has no form of its own, else its content words."""
    earlier = _without_rival(_OPENING.sub("", earlier), question)
    words = [match.group() for match in _WORD.finditer(earlier)]
    if wanted(question) != "text":
        known = set(terms(question))
        words = [word for word in words if _content(word) and stem(word.lower()) not in known]
    return " ".join(words[:_MOST_WORDS])


def _without_rival(earlier: str, question: str) -> str:
    """After "and in Paris?", "in Berlin" no longer holds: the phrase of the same preposition is dropped."""
    opening = re.match(rf"({_PREPOSITIONS})\s", _OPENING.sub("", question), re.IGNORECASE)
    if not opening:
        return earlier
    phrase = rf"\b{opening.group(1)}\s+(?:(?:the|a|an|my|our|your)\s+)?(?:(?!{_PREPOSITIONS}\b)[\w'’-]+\s*){{1,3}}(?=[.,;:?!]|$|\b(?:{_PREPOSITIONS})\b)"
    return re.sub(phrase, "", earlier, count=1, flags=re.IGNORECASE)


def _content(text: str) -> list[str]:
    return [term for term in terms(text) if len(term) > 1 and term not in LIGHT and term not in _REPLIES]
