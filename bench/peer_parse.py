# mypy: disable-error-code="import-not-found,import-untyped"
"""A whole parsing tool, asked file by file, in the interpreter of bench/peers.txt: `-m bench.peer_parse TOOL`.

Each as its documentation shows it first, without models, services or OCR.
"""

import sys
from collections.abc import Callable
from functools import partial

from bench.answering import answer_lines, read_answer


def markitdown() -> Callable[[str], str]:
    """Microsoft's converter to Markdown."""
    from markitdown import MarkItDown

    converter = MarkItDown()
    return lambda path: str(converter.convert(path).text_content)


def docling() -> Callable[[str], str]:
    """Docling's converter, for the formats that need no model: no PDF, no image, no sound."""
    from docling.datamodel.base_models import InputFormat
    from docling.document_converter import DocumentConverter

    modelled = {
        InputFormat.PDF,
        InputFormat.IMAGE,
        InputFormat.AUDIO,
        InputFormat.VIDEO,
        InputFormat.METS_GBS,
    }
    converter = DocumentConverter(allowed_formats=[kind for kind in InputFormat if kind not in modelled])
    return lambda path: str(converter.convert(path).document.export_to_markdown())


def unstructured() -> Callable[[str], str]:
    """Unstructured's partition; "fast" is its strategy without models.

    It downloads a spaCy model to tell prose from titles. Where there is none, a blank pipeline that only cuts
    sentences takes its place: the text stays the same, and it is faster than the real one.
    """
    import spacy
    from unstructured.nlp import tokenize
    from unstructured.partition.auto import partition

    if not spacy.util.is_package("en_core_web_sm"):
        blank = spacy.blank("en")
        blank.add_pipe("sentencizer")
        tokenize._load_spacy_model = lambda: blank

    return lambda path: "\n\n".join(str(part) for part in partition(filename=path, strategy="fast"))


TOOLS: dict[str, Callable[[], Callable[[str], str]]] = {
    "markitdown": markitdown,
    "docling": docling,
    "unstructured": unstructured,
}


def main() -> None:
    """Answer until standard input ends."""
    answer_lines(partial(read_answer, TOOLS[sys.argv[1]]()))


if __name__ == "__main__":
    main()
