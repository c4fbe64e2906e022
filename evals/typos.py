"""Misspelt copies of queries: one slip of the keyboard in one word of each, by a seeded generator."""

import random
import re

from tools.analyse import STOP_WORDS

SEED = 20_261

_WORD = re.compile(r"\b[a-zA-Z]{5,24}\b")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(text: str, slips: int, number: int) -> str:
    """A query with slips in that many of its words; `number` is its place in the set, for the generator."""
    chance = random.Random(SEED + number)  # noqa: S311 - a repeatable test, no secret
    words = [match for match in _WORD.finditer(text) if match[0].lower() not in STOP_WORDS]
    for match in sorted(chance.sample(words, min(slips, len(words))), key=lambda match: -match.start()):
        text = text[: match.start()] + _slip(match[0], chance) + text[match.end() :]
    return text


def _slip(word: str, chance: random.Random) -> str:
    """One letter left out, put in, replaced, or swapped with the next."""
    place, letter = chance.randrange(len(word) - 1), chance.choice(_LETTERS)
    before, here, after = word[:place], word[place], word[place + 1 :]
    return chance.choice(
        [
            before + after,
            before + letter + here + after,
            before + letter + after,
            before + after[0] + here + after[1:],
        ]
    )
