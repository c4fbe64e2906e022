"""Small chunks to search, each read with the section that it is part of."""

from collections.abc import Iterator

from tools.chunking.chunk import Chunk, Span
from tools.chunking.outline import to_chunks
from tools.chunking.packing import packed
from tools.chunking.pieces import groups
from tools.chunking.sections import sections
from tools.parse.document import Document


def cut_parents_and_children(document: Document, child: int = 70, parent: int = 300) -> list[Chunk]:
    """Chunks of about `child` words inside parents of about `parent`, which are read; both at most 1.25 times that.

    Parents are cut as by `structure`; all chunks of a parent are read as the same span.
    """
    return to_chunks(document, _children(document, child, parent))


def _children(document: Document, child: int, parent: int) -> Iterator[tuple[Span, Span]]:
    most = child + child // 4
    for section in sections(document):
        for whole in packed(groups(document.text, section, most), parent, parent + parent // 4):
            read = (whole[0].start, whole[-1].end)
            for run in packed([[piece] for piece in whole], child, most):
                yield (run[0].start, run[-1].end), read
