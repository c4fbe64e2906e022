"""Chunks by ever finer separators, as LangChain's RecursiveCharacterTextSplitter, but counted in words."""

import re
from collections.abc import Callable, Iterator

from tools.chunking.chunk import Chunk, Span, count_words, runs
from tools.chunking.outline import to_chunks
from tools.parse.document import Document
from tools.sentences import sentence_spans

Split = Callable[[str, int, int], list[Span]]

_PARAGRAPH = re.compile(r"\S.*(?:\n(?=[^\n]).*)*")
_LINE = re.compile(r"\S.*")


def cut_recursively(document: Document, words: int = 200) -> list[Chunk]:
    """Paragraphs joined up to `words` words; longer ones cut into lines, these into sentences, these into words.

    What is joined is of one kind and one parent; nothing else of the document's structure counts.
    """
    spans = _split(document.text, 0, len(document.text), words, 0)
    return to_chunks(document, [(span, span) for span in spans])


def _paragraphs(text: str, start: int, end: int) -> list[Span]:
    return [match.span() for match in _PARAGRAPH.finditer(text, start, end)]


def _lines(text: str, start: int, end: int) -> list[Span]:
    return [match.span() for match in _LINE.finditer(text, start, end)]


def _sentences(text: str, start: int, end: int) -> list[Span]:
    return [(start + a, start + b) for a, b in sentence_spans(text[start:end])]


_SPLITS: tuple[Split, ...] = (_paragraphs, _lines, _sentences)


def _split(text: str, start: int, end: int, words: int, depth: int) -> Iterator[Span]:
    if depth == len(_SPLITS):
        yield from runs(text, start, end, words)
        return
    held: Span | None = None
    size = 0
    for a, b in _SPLITS[depth](text, start, end):
        more = count_words(text[a:b])
        if held and size + more > words:
            yield held
            held, size = None, 0
        if more > words:
            yield from _split(text, a, b, words, depth + 1)
        else:
            held, size = (held[0] if held else a, b), size + more
    if held:
        yield held
