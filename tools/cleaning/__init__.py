"""What is done to a parsed document before it is cut: repeated lines go, language and quality are noted."""

from dataclasses import dataclass

from tools.cleaning.boilerplate import without_repeats
from tools.cleaning.language import language_of
from tools.cleaning.near_duplicates import signature_of
from tools.cleaning.quality import flags_of
from tools.parse.document import Document


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A document as it is stored; `language` is an ISO 639-1 code or empty, `signature` ten signed 64-bit numbers."""

    document: Document
    language: str
    flags: tuple[str, ...]
    signature: tuple[int, ...]


def clean(document: Document) -> Cleaned:
    """Clean one document; it takes time in proportion to its length, and no step reads anything but the text."""
    cleaned = without_repeats(document)
    return Cleaned(cleaned, language_of(cleaned), flags_of(document), signature_of(cleaned.text))
