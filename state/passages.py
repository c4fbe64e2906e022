"""What search gives: apart from the assistant's state, so that a search imports no LangGraph."""

from typing_extensions import TypedDict  # schemas need this one before Python 3.12


class Candidate(TypedDict):
    """A chunk that search found, and why."""

    chunk: int
    bm25: float
    cosine: float
    score: float


class PassageData(TypedDict):
    """A passage as evidence: `start` counts characters of the document's text, `page` from 1."""

    id: str
    document_id: int
    document: str
    title: str
    text: str
    start: int
    page: int | None
    headings: list[str]
    score: float
