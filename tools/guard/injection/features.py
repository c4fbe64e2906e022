"""What the classifier sees of a piece of text: hashed n-grams (Weinberger et al. 2009) and marks; linear time."""

import re
import string
import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 16
"""The lower half holds n-grams of characters, the upper half those of words."""

_HALF_BITS = 15
_SIZES = (3, 4, 5)
_PRIME = np.uint32(0x01000193)
_MIX = np.uint32(0x9E3779B1)
_BLANKS, _DIGITS = re.compile(r"\s+"), re.compile(r"\d")
_WORD = re.compile(r"\w+|[^\w\s]")

# Plain sequences without nested repeats: linear time. Those that begin with a letter are several times as fast as with \b.
_CUES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:ignor|disregard|forget|overrid|bypass|discard|set aside|pay no attention|do not follow|stop following|unlearn)",
        r"\b(?:previous|prior|above|earlier|preceding|initial|original)\W{1,3}(?:\w{1,12} )?(?:instruction|rule|prompt|direction|directive|guideline|message|text|context|order|command|task)",
        r"\byour (?:own |hidden |secret |initial |system |original |current |internal )?(?:prompt|instruction|rule|guideline|password|secret|key|code|configuration|restriction|filter|polic|training|directive)",
        r"(?:system|developer|hidden|initial) (?:prompt|message|instruction)",
        r"\b(?:ai|a\.i\.|assistants?|language models?|llms?|chatbots?|bots?|gpt\w{0,3}|copilot|claude|model)\b",
        r"\b(?:you are now|from now on|act as|acting as|pretend|role-?play|imagine (?:that )?you|you will be|stay in character|simulate|hypothetical)",
        r"\b(?:your|the) (?:answer|response|reply|output|summary|message|replies|responses|answers)\b",
        r"\b(?:un|no )(?:restrict|filter|censor|limit|rules|moral|ethic|bound)|\bwithout (?:any |all )?(?:restriction|limit|filter|rules|disclaimer|warning|ethic|moral)",
        r"\b(?:tell|ask|inform|instruct|convince|direct|persuade|warn|encourage) (?:the |all )?(?:user|reader|people|customer|visitor)",
        r"<\|im_|\[/?inst\]|<</?sys>>|</?system|^#+ ?(?:system|instruction)|\b(?:system|admin|developer|debug|god|sudo|maintenance|test) ?(?:mode|note|override|command|instruction)\b",
        r"\b(?:do not|don't|never|without) (?:tell|telling|mention|reveal|show|let|ask|refus|say)",
        r"\b(?:password|passphrase|secret|api key|credential|confidential|access code|token)",
        r"\b(?:previous|new|following|these|those|my|all) (?:instruction|rule|order|command|directive)s?\b",
        r"https?://|www\.|\b[\w-]{2,30}\.(?:com|net|org|xyz|example|io|info)\b",
        r"@(?<=[\w.-]@)[\w-]{1,40}\.",
        r"dan(?<=\bdan)\b|jailb|developer mode|do anything",
        r"^\W{0,3}(?:please |kindly |now |then |also |and |instead,? |in your \w{1,9}, )?(?:add|include|append|insert|write|provide|use|replace|give|tell|say|answer|respond|reply|translate|explain|describe|create|make|convert|encode|modify|mention|send|print|output|state|repeat)\b",
        r"^\W{0,3}(?:what|who|how|why|when|where|which|can you|could you|do you|is|are|should)\b.{0,300}\?\W{0,3}$",
        r"[\"'“”‘’«»].{4,300}[\"'“”‘’«»]",
        r"\b(?:execute|run|call|invoke|delete|transfer|forward|approve|open|send|curl|rm|drop)\b",
    )
)
_QUOTED = re.compile(
    r"\"[^\"\n]{4,300}\"|“[^”“\n]{4,300}[”“]|„[^“”\n]{4,300}[“”]|«[^»\n]{4,300}»|(?<!\w)['‘][^'’\n]{4,300}['’](?!\w)"
)
MARKS = 2 * len(_CUES) + 9

_KINDS = string.ascii_letters.encode(), string.ascii_uppercase.encode(), string.digits.encode()

# Frequent English words that are none in the languages around it.
_ENGLISH = re.compile(
    r"\b(?:the|and|what|how|your|you|my|this|that|it|with|who|why|where|when|which|can|could|should|does|from|not|for|all|tell|give|show|write|make|explain|please|about)\b",
    re.IGNORECASE,
)


def is_foreign(text: str) -> bool:
    """Whether no common English word stands in it; MiniLM reads other languages poorly."""
    return _ENGLISH.search(text) is None


def grams(text: str) -> NDArray[np.int32]:
    """The buckets (ascending, each once) of the n-grams of characters and of words."""
    plain = _DIGITS.sub("0", _BLANKS.sub(" ", text.lower()))
    found = [_half(part) for part in _characters(f" {plain} ")]
    found += [_half(part) | np.uint32(1 << _HALF_BITS) for part in _words(_WORD.findall(plain))]
    seen = np.zeros(BUCKETS, np.bool_)  # several times as fast as sorting
    seen[np.concatenate(found)] = True
    return np.flatnonzero(seen).astype(np.int32)


def marks(text: str, place: float = 0.0) -> NDArray[np.float32]:
    """(MARKS,) cues of commands, in all and outside of quotation marks; shares of kinds of characters; `place` (0 to 1)."""
    low = text.lower()
    cues = _cues(low)
    said = _QUOTED.sub(" ", low)  # who quotes a command seldom gives it
    outside = cues if said == low else _cues(said)
    length = max(1, len(text))
    letters, capitals, digits, strange = _kinds(text)
    shares = (
        capitals / max(1, letters),
        digits / length,
        letters / length,
        strange / length,
        1 - len(said) / max(1, len(low)),
    )
    counts = (np.log1p(length) / 7, low.count("your") / 3, low.count("?") / 3)
    return np.array([*cues, *outside, *shares, *counts, place], np.float32)


def _kinds(text: str) -> tuple[int, int, int, int]:
    """How many characters are letters, capitals, digits, and no ASCII."""
    if not text.isascii():
        tests: tuple[Callable[[str], bool], ...] = (str.isalpha, str.isupper, str.isdigit, "\x7f".__lt__)
        letters, capitals, digits, strange = (sum(map(test, text)) for test in tests)
        return letters, capitals, digits, strange
    raw = text.encode()  # several times as fast
    letters, capitals, digits = (len(raw) - len(raw.translate(None, kind)) for kind in _KINDS)
    return letters, capitals, digits, 0


def _cues(low: str) -> list[float]:
    return [float(cue.search(low) is not None) for cue in _CUES]


def _characters(text: str) -> list[NDArray[np.uint32]]:
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    hashes, found = np.zeros(len(codes), np.uint32), []
    for size in range(1, _SIZES[-1] + 1):
        if len(codes) < size:
            break
        hashes = hashes[: len(codes) - size + 1] * _PRIME + codes[size - 1 :]
        if size in _SIZES:
            found.append(hashes)
    return found


def _words(words: Sequence[str]) -> list[NDArray[np.uint32]]:
    one = np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in words], np.uint32)
    two = one[:-1] * _PRIME + one[1:]
    three = two[:-1] * _PRIME + one[2:]
    return [one, two, three]


def _half(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The upper bits of a multiplicative hash (Knuth): a bucket of one half."""
    return (hashes * _MIX) >> np.uint32(32 - _HALF_BITS)
