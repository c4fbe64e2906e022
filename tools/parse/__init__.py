"""Files to documents; `parsers` knows which parser reads which kind, and imports them all."""

from tools.parse.document import Document, Element

__all__ = ["Document", "Element"]
