"""The sample corpus and its questions agree with each other."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
import yaml
from docx.table import Table
from selectolax.lexbor import LexborHTMLParser

HANDBOOK = Path(__file__).parents[2] / "evals" / "datasets" / "handbook"
PAGES = HANDBOOK / "pages"
LEAST = {"plain": 90, "unanswerable": 25, "two_pages": 20, "followup": 15, "restricted": 10}
Row = dict[str, Any]


@cache
def rows(name: str) -> list[Row]:
    lines = (HANDBOOK / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def of_kind(kind: str) -> list[Row]:
    return [row for row in rows("questions.jsonl") if row["kind"] == kind]


def documents() -> dict[str, Row]:
    return {row["id"]: row for row in rows("documents.jsonl")}


def fold(text: str) -> str:
    """Without emphasis marks, table bars and line breaks."""
    return " ".join(text.replace("*", "").replace("|", " ").split())


def markdown_text(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("---\n", 2)[2]


def html_text(path: Path) -> str:
    main = LexborHTMLParser(path.read_text(encoding="utf-8")).css_first("main")
    assert main is not None
    inline = {"em", "strong"}
    for node in main.css("*"):
        if node.tag not in inline:
            node.insert_after(" ")
    return str(main.text())


def docx_text(path: Path) -> str:
    parts = []
    for block in docx.Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            parts += [cell.text for row in block.rows for cell in row.cells]
        else:
            parts.append(block.text)
    return " ".join(parts)


def pdf_text(path: Path) -> str:
    """Without the running title and the page number, so that a sentence may cross a page."""
    with pypdfium2.PdfDocument(path) as document:
        pages = [page.get_textpage().get_text_range().splitlines() for page in document]
    return " ".join(line for lines in pages for line in lines[1:-1])


READERS = {".md": markdown_text, ".html": html_text, ".docx": docx_text, ".pdf": pdf_text}


@cache
def page_text(document_id: str) -> str:
    path = PAGES / document_id
    return fold(READERS[path.suffix](path))


def pages_of(row: Row) -> list[str]:
    return list(row.get("document_ids", [row["document_id"]]))


def test_there_are_enough_questions_of_each_kind() -> None:
    counts = Counter(row["kind"] for row in rows("questions.jsonl"))
    assert set(counts) == set(LEAST)
    assert all(counts[kind] >= least for kind, least in LEAST.items()), counts


@pytest.mark.parametrize("name", ["documents.jsonl", "questions.jsonl"])
def test_ids_are_unique(name: str) -> None:
    ids = [row["id"] for row in rows(name)]
    assert len(ids) == len(set(ids))


def test_no_question_is_asked_twice() -> None:
    asked = [(row["question"].lower(), json.dumps(row.get("history"))) for row in rows("questions.jsonl")]
    assert len(asked) == len(set(asked))


def test_every_page_has_its_row() -> None:
    files = {p.relative_to(PAGES).as_posix() for p in PAGES.rglob("*") if p.is_file()}
    assert files - {"access.yaml"} == set(documents())
    assert all(row["path"] == f"pages/{row['id']}" and row["text"] == "" for row in rows("documents.jsonl"))


def test_formats_and_lengths() -> None:
    formats = Counter(Path(name).suffix for name in documents())
    assert formats[".md"] >= 26
    assert formats[".html"] >= 9
    assert formats[".docx"] == formats[".pdf"] == 5
    lengths = {name: len(page_text(name).split()) for name in documents()}
    assert not {name: n for name, n in lengths.items() if not 250 <= n <= 900}


def test_pdf_pages() -> None:
    for path in PAGES.rglob("*.pdf"):
        with pypdfium2.PdfDocument(path) as document:
            assert len(document) >= 2, path.name


def test_groups_follow_the_access_rules() -> None:
    rules = yaml.safe_load((PAGES / "access.yaml").read_text(encoding="utf-8"))
    folders = [(glob.removesuffix("**"), rule["groups"]) for rule in rules for glob in rule["paths"]]
    for name, row in documents().items():
        expected: list[str] = next((groups for folder, groups in folders if name.startswith(folder)), [])
        assert row["groups"] == expected, name


def test_every_document_of_a_question_exists() -> None:
    for row in rows("questions.jsonl"):
        if row["kind"] != "unanswerable":
            assert set(pages_of(row)) <= set(documents()), row["id"]


@pytest.mark.parametrize("kind", ["plain", "followup", "restricted"])
def test_answers_stand_in_their_page(kind: str) -> None:
    for row in of_kind(kind):
        text, evidence = page_text(row["document_id"]), fold(" ".join(row["evidence"]))
        assert row["answers"], row["id"]
        assert all(fold(answer) in text for answer in row["answers"]), row["id"]
        assert all(fold(sentence) in text for sentence in row["evidence"]), row["id"]
        assert fold(row["answers"][0]) in evidence, row["id"]


def test_two_page_answers_come_one_from_each_page() -> None:
    for row in of_kind("two_pages"):
        first, second = row["document_ids"]
        assert row["document_id"] == first != second, row["id"]
        parts = zip(row["document_ids"], row["answers"], row["evidence"], strict=True)
        for name, answer, evidence in parts:
            assert fold(answer) in fold(evidence), row["id"]
            assert fold(evidence) in page_text(name), row["id"]


def test_unanswerable_questions_have_no_answers() -> None:
    for row in of_kind("unanswerable"):
        assert (row["answers"], row["document_id"], row["evidence"]) == ([], "", []), row["id"]


def test_restricted_answers_appear_in_no_open_page() -> None:
    open_pages = [name for name, row in documents().items() if not row["groups"]]
    for row in of_kind("restricted"):
        assert row["groups"] == [], row["id"]
        assert documents()[row["document_id"]]["groups"], row["id"]
        leaks = [(a, n) for a in row["answers"] for n in open_pages if fold(a) in page_text(n)]
        assert not leaks, (row["id"], leaks)


def test_some_askers_may_see_restricted_pages() -> None:
    allowed = [row for row in of_kind("plain") if row["groups"]]
    assert len(allowed) >= 4
    for row in rows("questions.jsonl"):
        if row["kind"] not in ("restricted", "unanswerable"):
            needed = [documents()[name]["groups"] for name in pages_of(row)]
            assert all(not groups or set(groups) & set(row["groups"]) for groups in needed), row["id"]


def test_followups_have_history() -> None:
    for row in rows("questions.jsonl"):
        history = row.get("history", [])
        assert bool(history) == (row["kind"] == "followup"), row["id"]
        roles = [turn["role"] for turn in history]
        assert roles == ["user", "assistant"] * (len(roles) // 2), row["id"]
