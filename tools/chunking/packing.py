"""Pieces shared out to chunks of like size."""

from collections.abc import Iterable, Iterator
from math import ceil

from tools.chunking.pieces import Piece


def packed(groups: Iterable[list[Piece]], words: int, most: int) -> Iterator[list[Piece]]:
    """The pieces in runs of about `words` and at most `most` words; whole groups where they fit."""
    counted = [(group, sum(piece.words for piece in group)) for group in groups]
    left = sum(amount for _, amount in counted)
    target = _share(left, words, most)
    held: list[Piece] = []
    size = 0
    for group, amount in counted:
        whole = amount <= most and (size * 2 >= target or _fits(size, amount, target, most))
        for unit in [group] if whole else [[piece] for piece in group]:
            more = sum(piece.words for piece in unit)
            if held and not _fits(size, more, target, most):
                yield held
                left -= size
                held, size, target = [], 0, _share(left, words, most)
            held += unit
            size += more
    if held:
        yield held


def _share(left: int, words: int, most: int) -> float:
    """The size of the next chunk, where `left` words are shared out evenly."""
    return left / max(1, round(left / words), ceil(left / most))


def _fits(size: int, more: int, target: float, most: int) -> bool:
    """Whether a chunk of `size` words comes nearer to `target` with `more` words than without."""
    return size + more <= most and size + more / 2 <= target
