"""The state of the ingest machine: plain data; file contents and vectors stay in the document machine."""

from operator import add
from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict  # schemas need this one before Python 3.12


class IngestInput(TypedDict):
    """What a caller gives: files or folders, who may read them, and whether vanished files are removed."""

    paths: list[str]
    groups: NotRequired[list[str]]
    sync: NotRequired[bool]


class Item(TypedDict):
    """One file to read: `uri` is its absolute path, `path` how it is shown; no `groups` means the whole tenant."""

    uri: str
    path: str
    groups: list[str]


class Outcome(TypedDict):
    """What became of one file."""

    path: str
    status: Literal["added", "updated", "unchanged", "failed"]
    chunks: int
    error: NotRequired[str]


class Failure(TypedDict):
    path: str
    error: str


class Report(TypedDict):
    """Counts of files, except `chunks` (stored in this run) and `seconds`."""

    added: int
    updated: int
    unchanged: int
    deleted: int
    failed: int
    chunks: int
    seconds: float
    failures: list[Failure]


class IngestOutput(TypedDict):
    report: Report


class IngestState(IngestInput):
    items: list[Item]
    unchanged: int
    gone: list[int]
    started: float
    outcomes: Annotated[list[Outcome], add]
    report: Report


class DocumentState(Item):
    """The state of one document's own machine; it is never checkpointed."""

    data: NotRequired[Any]
    parsed: NotRequired[Any]
    chunks: NotRequired[Any]
    rows: NotRequired[Any]
    error: NotRequired[str]
    outcomes: NotRequired[list[Outcome]]


class DocumentOutput(TypedDict):
    outcomes: list[Outcome]
