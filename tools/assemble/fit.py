"""Keep what fits the budget of one answer."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from state.passages import PassageData
from tools.assemble.tokens import BYTES_PER_TOKEN, estimate_tokens
from tools.sentences import sentence_spans


def fit(passages: Sequence[PassageData], most: int, tokens: int) -> list[PassageData]:
    """The best passages: at most `most`, and whole ones of `tokens` in all; one is always there, cut if need be."""
    kept: list[PassageData] = []
    for passage in passages[:most]:
        needed = estimate_tokens(passage["text"])
        if needed > tokens:
            break
        kept.append(passage)
        tokens -= needed
    return kept or [cut(passage, tokens) for passage in passages[:1]]


def cut(passage: PassageData, tokens: int) -> PassageData:
    """The beginning of a passage that takes at most `tokens`: whole sentences, or words where none fits."""
    text = passage["text"]
    longest = len(text.encode(errors="replace")[: tokens * BYTES_PER_TOKEN].decode(errors="ignore"))
    ends = [end for end in _ends(text) if end <= longest]
    end = ends[-1] if ends else _word_end(text, longest)
    starts = passage["page_starts"]
    return {
        **passage,
        "text": text[:end],
        "page_starts": starts[: bisect_left(starts, passage["start"] + end)],
    }


def _ends(text: str) -> Iterator[int]:
    return (end for _, end in sentence_spans(text))


def _word_end(text: str, longest: int) -> int:
    blank = max(text.rfind(" ", 0, longest + 1), text.rfind("\n", 0, longest + 1))
    return blank if blank > 0 else longest
