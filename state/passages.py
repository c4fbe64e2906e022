"""What search gives: apart from the assistant's state, so that a search imports no LangGraph."""

from typing import NotRequired

from typing_extensions import TypedDict  # schemas need this one before Python 3.12


class Candidate(TypedDict):
    """A chunk that search found, and why."""

    chunk: int
    bm25: float
    cosine: float
    score: float


class Suspicion(TypedDict):
    """How much a passage looks as if it held instructions to the assistant (score 0 to 1), and where most.

    start, end: characters of the passage as it is shown, its title and headings above it. by: the guard's version.
    """

    score: float
    start: int
    end: int
    by: str


class PassageData(TypedDict):
    """A passage as evidence: `start` counts characters of the document's text, `page` from 1.

    id: of the chunk that was found; merged: of further ones that were found within the passage. version: of the
    document. page_starts: the characters of the document's text at which further pages begin in the passage.
    also_in: the paths of documents that say the same. why: what each part of the ranking gave, by name.
    collection: the name of the document's. suspicion: what the guard stored with the chunk, if anything.
    """

    id: str
    merged: list[str]
    document_id: int
    version: int
    document: str
    title: str
    text: str
    start: int
    page: int | None
    page_starts: list[int]
    headings: list[str]
    score: float
    also_in: NotRequired[list[str]]
    why: NotRequired[dict[str, float]]
    collection: NotRequired[str]
    suspicion: NotRequired[Suspicion | None]
