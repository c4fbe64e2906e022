"""What the batch machine holds of a file on its way from bytes to rows."""

from dataclasses import dataclass, field

from state.ingest import Item
from state.postgres.chunks import ChunkRow
from tools.chunking import Chunk
from tools.parse import Document


@dataclass(slots=True)
class Text:
    """One document of a file; `member` is its path inside the file, empty for the file itself."""

    member: str
    document: Document
    language: str = ""
    flags: list[str] = field(default_factory=list)
    signature: bytes | None = None
    chunks: list[Chunk] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    rows: list[ChunkRow] = field(default_factory=list)


@dataclass(slots=True)
class Work:
    """One file: what it held (`texts`), what inside it failed (`members`), or why there is nothing (`failure`).

    `same`: its bytes are those that are stored. `gone`: its source has it no more. `seconds` and `peak_mb` of parsing.
    """

    item: Item
    sha256: bytes = b""
    stamp: str | None = None
    size: int = 0
    seconds: float = 0.0
    peak_mb: float = 0.0
    texts: list[Text] = field(default_factory=list)
    members: list[dict[str, str]] = field(default_factory=list)
    failure: tuple[str, str] | None = None
    same: bool = False
    gone: bool = False
