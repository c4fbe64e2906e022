"""What kind of question it is, by rules: when in doubt, one for the documents."""

import re
from typing import Literal

from tools.analyse import WORD, terms

Route = Literal["knowledge", "small_talk", "unclear"]
Talk = Literal["greeting", "thanks", "farewell", "self", "mood", "praise"]

_ADDRESS = r"(?:[\s,!.]+(?:there|all|everyone|everybody|team|folks|kairos|friend|again|bot|assistant))*"
_PLEASE = (
    r"(?:[\s,]+(?:so much|very much|a lot|a million|again|for (?:your|the|all|that|this|everything)[\w\s]*))*"
)
_RULES: dict[Talk, str] = {
    "greeting": rf"(?:hi+|hello+|hey+|hiya|howdy|greetings|yo|good (?:morning|afternoon|evening|day)|morning|evening){_ADDRESS}",
    "thanks": rf"(?:(?:ok(?:ay)?|great|perfect|cool|super|nice)[\s,!.]+)?(?:many )?(?:thanks|thank you|thx|ty|cheers|much appreciated){_PLEASE}{_ADDRESS}",
    "farewell": rf"(?:good ?bye|bye(?: bye)?|see you(?: later| soon| tomorrow)?|good night|ciao|farewell|take care|have a (?:nice|good|great) (?:day|one|evening|weekend)){_ADDRESS}",
    "self": r"(?:who|what) (?:exactly )?are you|what(?:'s| is) your name|(?:what|how) can you (?:do|help)(?: (?:for )?me)?(?: with)?|what do you do"
            r"|are you (?:an? )?(?:real |actual )?(?:human|person|bot|robot|ai|machine|real|chatgpt|there)|can you help(?: me)?|help(?: me)?|how do you work|who (?:made|built|created) you",
    "mood": r"how are you(?: doing)?(?: today)?|how(?:'s| is) it going|what'?s up|how do you do|are you (?:ok|okay|well)|nice to meet you",
    "praise": r"(?:(?:that(?:'s| is| was)|very|you(?:'re| are)|this is) )?(?:great|nice|cool|perfect|awesome|excellent|wonderful|good (?:job|work|bot)|well done|helpful|super)"
              r"|(?:ok(?:ay)?|alright|fine|got it|i see|understood|sounds good|no worries|never mind)|(?:ha)+|lol",
}  # fmt: skip
_REPLIES: dict[Talk, str] = {
    "greeting": "Hello. Ask me about the documents, and I will answer with the places I found it in.",
    "thanks": "You are welcome.",
    "farewell": "Goodbye.",
    "self": "I am Kairos, a program that answers questions from the documents you may see, and cites them. "
            "What they do not say, I do not know.",
    "mood": "I am a program and have no moods, but I am running. What would you like to know from the documents?",
    "praise": "Good. Is there anything else you would like to know from the documents?",
}  # fmt: skip
_OPENER = re.compile(rf"(?:{_RULES['greeting']})[\s,!.:;-]+(?=\S)", re.IGNORECASE)
_COMPILED = {talk: re.compile(rf"(?:{pattern})", re.IGNORECASE) for talk, pattern in _RULES.items()}
_FILLER = re.compile(
    r"(?:h+m+|u+h+|u+m+|e+r+m*|a+h+|o+h+|what|why|how|huh|eh|test(?:ing)?|asdf\w*|qwert\w*|(?:foo|bar|bla+h?)|\W)+",
    re.IGNORECASE,
)
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_LETTERS = re.compile(r"[a-z]{5,}", re.IGNORECASE)


def route(question: str) -> Route:
    """Small talk, unclear (nothing in it to look for) or knowledge."""
    if _talk(question):
        return "small_talk"
    return "unclear" if _says_nothing(question) else "knowledge"


def small_talk_reply(question: str) -> str:
    """A short, honest reply to small talk."""
    return _REPLIES[_talk(question) or "greeting"]


def _talk(question: str) -> Talk | None:
    plain = " ".join(question.replace("’", "'").split()).strip(" .,!?:;-)(")
    # "Hello, who are you?" is about the second part; "Hello, how much leave do I get?" is no small talk.
    for text in (plain, _OPENER.sub("", plain)):
        for talk, pattern in _COMPILED.items():
            if text and pattern.fullmatch(text):
                return talk
    return None


def _says_nothing(question: str) -> bool:
    """No content word: marks, fillers, function words only, or one string that no one can pronounce."""
    content = terms(question)
    if not content or _FILLER.fullmatch(question.strip()):
        return True
    words = WORD.findall(question)
    return len(words) == 1 and bool(_LETTERS.fullmatch(words[0])) and not _VOWEL.search(words[0])
