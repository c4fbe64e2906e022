"""Chunks of a sentence or few, read with the sentences around them."""

from collections.abc import Iterator

from tools.chunking.chunk import Chunk, Span
from tools.chunking.outline import to_chunks
from tools.chunking.packing import packed
from tools.chunking.pieces import Piece, groups
from tools.chunking.sections import sections
from tools.parse.document import Document


def cut_sentence_windows(document: Document, words: int = 40, around: int = 3) -> list[Chunk]:
    """Chunks of about `words` and at most 1.5 `words` words, read with `around` sentences on each side.

    A row, an item of a list or a line of code counts as a sentence. What is read stays within the section.
    """
    most = words + words // 2
    return to_chunks(
        document,
        [
            window
            for section in sections(document)
            for window in _windows(
                [piece for group in groups(document.text, section, most) for piece in group],
                words,
                most,
                around,
            )
        ],
    )


def _windows(pieces: list[Piece], words: int, most: int, around: int) -> Iterator[tuple[Span, Span]]:
    first = 0
    for run in packed([[piece] for piece in pieces], words, most):
        last = first + len(run) - 1
        before, after = pieces[max(0, first - around)], pieces[min(len(pieces) - 1, last + around)]
        yield (run[0].start, run[-1].end), (before.start, after.end)
        first = last + 1
