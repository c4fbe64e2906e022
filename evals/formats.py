"""Readers of the plain evaluation formats "retrieval" (BEIR layout) and "qa"."""

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt

from evals.rows import fail, json_file, json_rows, tsv_rows

Scope = Literal["all", "document"]
Id = Annotated[str, Field(min_length=1)]
# An optional column may be left out or null: both mean "nothing given".
_empty_for_null = BeforeValidator(lambda value: () if value is None else value)
Strings = Annotated[tuple[str, ...], _empty_for_null]


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its text, or the absolute path of the file it is; only the named groups may see it."""

    id: Id
    title: str
    text: str
    path: str | None = None
    groups: Strings = ()


@dataclass(frozen=True, slots=True)
class _CorpusRow:
    id: Annotated[Id, Field(alias="_id")]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """One search query."""

    id: Annotated[Id, Field(alias="_id")]
    text: str


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Documents, judged queries, and grades: query id -> document id -> grade (1 or more is relevant)."""

    corpus: tuple[Document, ...]
    queries: tuple[Query, ...]
    qrels: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `groups` are the asker's, `answer_starts` in characters, `evidence_pages` from 0."""

    id: Id
    question: str
    answers: tuple[str, ...]
    document_id: str | None
    context: str | None = None
    history: Annotated[tuple[Turn, ...], _empty_for_null] = ()
    answer_starts: Annotated[tuple[int, ...], _empty_for_null] = ()
    evidence_pages: Annotated[tuple[NonNegativeInt, ...], _empty_for_null] = ()
    kind: str | None = None
    groups: Strings = ()
    document_ids: Strings = ()
    evidence: Strings = ()


@dataclass(frozen=True, slots=True)
class QaSet:
    """Documents, questions, and where a question may search: `all` documents or its own `document`."""

    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class _Settings:
    scope: Scope = "all"


def load_retrieval(folder: Path, limit: int | None = None) -> RetrievalSet:
    """Read corpus.jsonl, queries.jsonl and qrels/test.tsv; the first `limit` queries, every document.

    Queries without a relevant document are left out. Raises KairosError `eval_data_invalid`.
    """
    rows = json_rows(folder / "corpus.jsonl", _CorpusRow)
    corpus = {row.id: Document(row.id, row.title, row.text) for _, row in rows}
    queries = {query.id: query for _, query in json_rows(folder / "queries.jsonl", Query)}
    qrels = _qrels(folder / "qrels" / "test.tsv", queries, corpus)
    judged = (name for name in queries if any(grade > 0 for grade in qrels.get(name, {}).values()))
    kept = tuple(islice(judged, limit))
    return RetrievalSet(
        corpus=tuple(corpus.values()),
        queries=tuple(queries[name] for name in kept),
        qrels={name: qrels[name] for name in kept},
    )


def load_qa(folder: Path, limit: int | None = None) -> QaSet:
    """Read documents.jsonl, questions.jsonl and set.json if any; the first `limit` questions, every document.

    Raises KairosError `eval_data_invalid`.
    """
    rows = json_rows(folder / "documents.jsonl", Document)
    documents = tuple(_located(folder, line, document) for line, document in rows)
    known, scope = {document.id for document in documents}, _scope(folder / "set.json")
    questions, path = [], folder / "questions.jsonl"
    for line, question in islice(json_rows(path, Question), limit):
        _check_references(path, line, question, known, scope)
        questions.append(question)
    return QaSet(documents, tuple(questions), scope)


def _located(folder: Path, line: int, document: Document) -> Document:
    if not document.path:
        return document
    file = (folder / document.path).resolve()
    if not file.is_file():
        fail(folder / "documents.jsonl", f"no file {document.path}", line, "path")
    return replace(document, path=str(file))


def _scope(path: Path) -> Scope:
    return json_file(path, _Settings).scope if path.exists() else "all"


def _check_references(path: Path, line: int, question: Question, known: set[str], scope: Scope) -> None:
    named = [("document_ids", name) for name in question.document_ids]
    # Outside the scope "document", an unanswerable question need not name a document.
    if question.document_id or scope == "document":
        named.append(("document_id", question.document_id or ""))
    for column, name in named:
        if name not in known:
            fail(path, f"no document '{name}' in documents.jsonl", line, column)


def _qrels(path: Path, queries: Container[str], documents: Container[str]) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for line, row in tsv_rows(path, ("query-id", "corpus-id", "score")):
        query, document, score = row["query-id"], row["corpus-id"], row["score"]
        if query not in queries:
            fail(path, f"no query '{query}' in queries.jsonl", line, "query-id")
        if document not in documents:
            fail(path, f"no document '{document}' in corpus.jsonl", line, "corpus-id")
        if not re.fullmatch("[+-]?[0-9]{1,9}", score):
            fail(path, f"'{score}' is not a whole number", line, "score")
        if qrels.setdefault(query, {}).setdefault(document, int(score)) != int(score):
            fail(path, "an earlier line gives this pair another grade", line, "score")
    return qrels
