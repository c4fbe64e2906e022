"""The language of a document, offline: the model of langid.py (Lui and Baldwin 2012), kept up as py3langid."""

from functools import lru_cache
from threading import Lock
from typing import Any

from tools.parse.document import Document

_READ = 4_000  # characters of prose: more of them change nothing
_LEAST = 20  # letters
_SURE = 0.6
_loading = Lock()
_SAME = {"nb": "no", "nn": "no"}


def language_of(document: Document) -> str:
    """The ISO 639-1 code of the language that most of the text is in; empty if that is not clear."""
    return language_of_text(_prose(document), _SURE)


def language_of_text(text: str, sure: float) -> str:
    """The same of a piece of text; empty where the probability is below `sure`, or letters are too few.

    A sign of a script without blanks counts for three letters.
    """
    if sum(character.isalpha() * (1 if character < "\u2e80" else 3) for character in text) < _LEAST:
        return ""
    code, probability = load().classify(text)  # zxx: no language at all; pcm: one without a short code
    code = _SAME.get(code, str(code))
    return code if probability >= sure and len(code) == 2 else ""


def _prose(document: Document) -> str:
    """The beginning of the text without tables and code, which are in no language."""
    parts: list[str] = []
    size = 0
    for element in document.elements:
        if element.kind not in ("table", "code"):
            parts.append(document.text[element.start : min(element.end, element.start + _READ - size)])
            size += len(parts[-1])
        if size >= _READ:
            break
    return "\n".join(parts)


def load() -> Any:
    """The model, read on first use: 0.4 s and about 100 MB."""
    # lru_cache alone would let the first callers, on several threads, each read it.
    with _loading:
        return _load()


@lru_cache(maxsize=1)
def _load() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
