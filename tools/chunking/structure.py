"""Chunks that respect headings, lists, tables and sentences."""

from tools.chunking.chunk import Chunk
from tools.chunking.outline import to_chunks
from tools.chunking.packing import packed
from tools.chunking.pieces import groups
from tools.chunking.sections import sections
from tools.parse.document import Document


def cut_by_structure(document: Document, words: int = 200) -> list[Chunk]:
    """Chunks of about `words` and at most 1.25 `words` words; only blanks lie between them.

    A heading of level 1 or 2 begins a new chunk unless the section before it is tiny.
    """
    most = words + words // 4
    runs = [
        run
        for section in sections(document)
        for run in packed(groups(document.text, section, most), words, most)
    ]
    spans = [(run[0].start, run[-1].end) for run in runs]
    return to_chunks(document, [(span, span) for span in spans])
