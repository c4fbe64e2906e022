"""The state of the ingest machine: plain data; file contents and vectors stay in the batch machine."""

from operator import add
from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict  # schemas need this one before Python 3.12


class IngestInput(TypedDict):
    """What a caller gives: files or folders to read, or known files by id, or neither: then the collection's sources.

    groups: who may read what no access file speaks of. sync: remove vanished files (sources always do).
    """

    paths: NotRequired[list[str]]
    files: NotRequired[list[int]]
    collection: NotRequired[str]
    groups: NotRequired[list[str]]
    sync: NotRequired[bool]


class Item(TypedDict):
    """One file to read. `sha256` is that of what is stored of it; `kind` is None for a path that somebody named."""

    id: int
    uri: str
    path: str
    groups: list[str]
    stamp: str | None
    sha256: str | None
    recipe: str
    kind: str | None
    location: str | None
    options: dict[str, str]


class Outcome(TypedDict):
    """What became of one file, as it is streamed."""

    path: str
    status: Literal["added", "updated", "unchanged", "failed"]
    chunks: int
    error: NotRequired[str]


class Failure(TypedDict):
    path: str
    code: str
    error: str


class Report(TypedDict):
    """Counts of files, except `chunks` (stored in this run) and `seconds`; a failure may be inside a file."""

    added: int
    updated: int
    unchanged: int
    deleted: int
    failed: int
    chunks: int
    seconds: float
    failures: list[Failure]
    collection: str
    run: int
    status: Literal["done", "cancelled"]


class IngestOutput(TypedDict):
    report: Report


class Cost(TypedDict):
    """What describing chunks by a model would take; `cost` in US dollars, None when the price is unknown."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None


class IngestState(IngestInput):
    run: int
    total: int
    unchanged: int
    started: float
    batches: list[list[Item]]
    read: Annotated[int, add]
    status: Literal["running", "paused", "cancelled", "done"]
    report: Report


class BatchInput(TypedDict):
    """Some files of a run, to be embedded and stored together."""

    collection: str
    run: int
    items: list[Item]


class BatchState(BatchInput):
    """The state of a batch's own machine; `work` holds bytes, texts and vectors, so it is never checkpointed."""

    work: NotRequired[Any]
    read: int


class BatchOutput(TypedDict):
    read: int
