"""What the tools give, as their output schemas say it."""

from datetime import datetime

from pydantic import BaseModel, Field


class Passage(BaseModel):
    """A place in a document."""

    document_id: int
    version: int = Field(description="Of the document which has this text.")
    document: str = Field(description="Its path in the collection.")
    title: str
    headings: list[str]
    text: str
    start: int = Field(description="Characters into the document's text.")
    page: int | None = Field(description="From 1.")
    score: float
    uri: str = Field(description="Reads this span as a resource.")


class Found(BaseModel):
    """The best passages first."""

    passages: list[Passage]
    understood: str = Field(description="How the text was read: spelling, phrases, further queries.")


class Collection(BaseModel):
    name: str
    documents: int = Field(description="How many of them you may see.")
    updated_at: datetime


class Collections(BaseModel):
    collections: list[Collection]


class Listed(BaseModel):
    """A document without its text."""

    document_id: int
    title: str
    document: str = Field(description="Its path in the collection.")
    collection: str
    media_type: str
    language: str | None
    pages: int | None
    version: int
    characters: int
    updated_at: datetime
    uri: str = Field(description="Reads the document as a resource.")


class Documents(BaseModel):
    documents: list[Listed]
    next_cursor: str | None = Field(description="Give it to get the next page; none: this was the last.")


class Span(BaseModel):
    """A part of a document's text, from character `start` up to `end`, which is excluded."""

    document_id: int
    title: str
    document: str = Field(description="Its path in the collection.")
    version: int
    newest: int = Field(description="The version that is searched now.")
    media_type: str
    url: str | None = Field(description="Where it is on the web.")
    pages: int | None
    page: int | None = Field(description="On which the text begins.")
    text: str
    start: int
    end: int
    characters: int = Field(description="Of the whole document.")
    next_start: int | None = Field(description="Where to read on; none: this was the end.")
