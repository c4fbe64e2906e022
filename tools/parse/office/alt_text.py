"""What the author of an Office file says that a picture shows."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_FILE = re.compile(r"[\w\s()%.-]+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)\Z|https?://\S+\Z", re.I)
_GENERATED = re.compile(
    r"\s*(?:AI-generated content may be incorrect|Description automatically generated[\w ]*)\.?\s*\Z"
)


def alt_text(node: "_Element") -> str:
    """The description, else the title, of the properties `node` of a picture; empty where it is a file's name."""
    for name in ("descr", "title", "alt"):
        text = _GENERATED.sub("", " ".join(node.get(name, "").split()))
        if text and not _FILE.match(text):
            return text
    return ""
