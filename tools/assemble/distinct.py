"""Leave out passages that say what a better one says."""

import re
from collections.abc import Sequence
from functools import lru_cache

from state.passages import PassageData

SHARED = 0.9
WIDTH = 3
REMEMBERED = 512
"""Texts whose shingles are kept: the best hits come back turn after turn."""
_WORD = re.compile(r"\w+")
_CAPITAL = re.compile(r"(?<=[\w,;] )[A-Z]\w+")  # within a sentence, so that it names something

Shingles = frozenset[tuple[str, ...]]


def distinct(passages: Sequence[PassageData]) -> list[PassageData]:
    """The passages, best first, without the near-duplicates of better ones.

    A near-duplicate has more than SHARED of its runs of WIDTH words in the better one (containment of shingles,
    Broder 1997) and no number or name that is missing there: pages made from one form differ in just these.
    """
    kept: list[tuple[PassageData, Shingles]] = []
    for passage in passages:
        own = shingles(passage["text"])
        same = (
            place
            for place, (other, theirs) in enumerate(kept)
            if _contained(own, theirs) and not new_facts(passage["text"], other["text"])
        )
        place = next(same, None)
        if place is None:
            kept.append((passage, own))
        else:
            kept[place] = _also_in(kept[place][0], passage), kept[place][1]
    return [passage for passage, _ in kept]


@lru_cache(maxsize=REMEMBERED)
def shingles(text: str) -> Shingles:
    """Every run of WIDTH words; one shorter run if there are fewer words."""
    words = _WORD.findall(text.casefold())
    return frozenset(tuple(words[at : at + WIDTH]) for at in range(max(len(words) - WIDTH + 1, 1)))


def new_facts(text: str, known: str) -> set[str]:
    """Numbers and names of a text that another lacks."""
    numbers = {word for word in _WORD.findall(text) if any(map(str.isdigit, word))}
    return (numbers | set(_CAPITAL.findall(text))) - set(_WORD.findall(known))


def _contained(own: Shingles, theirs: Shingles) -> bool:
    return len(own & theirs) > SHARED * len(own)


def _also_in(kept: PassageData, left_out: PassageData) -> PassageData:
    if left_out["document_id"] == kept["document_id"]:
        return kept
    paths = [*kept.get("also_in", []), left_out["document"], *left_out.get("also_in", [])]
    return {**kept, "also_in": list(dict.fromkeys(paths))}
