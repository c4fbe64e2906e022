"""Readers of the plain formats: what they keep, and how each fault is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.formats import Question, Turn, load_qa, load_retrieval
from state.errors import KairosError

HEADER = "query-id\tcorpus-id\tscore"
CORPUS: list[dict[str, Any]] = [
    {"_id": "d1", "title": "Kites", "text": "A kite flies.", "unknown": 1},
    {"_id": "d2", "title": "", "text": "A boat\u2028floats."},
]
QUERIES: list[dict[str, Any]] = [{"_id": f"q{number}", "text": f"query {number}"} for number in (3, 1, 2)]
DOCUMENTS: list[dict[str, Any]] = [{"id": "d1", "title": "Kites", "text": "A kite flies."}]
QUESTION: dict[str, Any] = {"id": "q1", "question": "What flies?", "answers": ["A kite"], "document_id": "d1"}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def retrieval(folder: Path, *qrels: str, header: str = HEADER) -> Path:
    write_rows(folder / "corpus.jsonl", CORPUS)
    write_rows(folder / "queries.jsonl", QUERIES)
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "qrels" / "test.tsv").write_text("\n".join([header, *qrels]) + "\n", encoding="utf-8")
    return folder


def qa(folder: Path, *questions: dict[str, Any], documents: list[dict[str, Any]] | None = None) -> Path:
    write_rows(folder / "documents.jsonl", documents or DOCUMENTS)
    write_rows(folder / "questions.jsonl", list(questions))
    return folder


def fault(load: Any, folder: Path) -> str:
    with pytest.raises(KairosError) as caught:
        load(folder)
    assert caught.value.code == "eval_data_invalid"
    return caught.value.sentence


def test_retrieval_keeps_grades_and_leaves_out_what_is_not_judged(tmp_path: Path) -> None:
    data = load_retrieval(retrieval(tmp_path, "q1\td1\t3", "q1\td2\t0", "q2\td2\t1", "q3\td1\t0"))
    assert [(d.id, d.title, d.text) for d in data.corpus] == [tuple(row.values())[:3] for row in CORPUS]
    assert [query.id for query in data.queries] == ["q1", "q2"]
    assert data.qrels == {"q1": {"d1": 3, "d2": 0}, "q2": {"d2": 1}}


def test_limit_takes_the_first_queries_and_every_document(tmp_path: Path) -> None:
    folder = retrieval(tmp_path, "q1\td1\t1", "q2\td2\t1", "q3\td1\t1")
    data = load_retrieval(folder, limit=2)
    assert [query.id for query in data.queries] == ["q3", "q1"]
    assert set(data.qrels) == {"q3", "q1"}
    assert len(data.corpus) == 2


def test_qrels_columns_are_found_by_name_with_windows_line_ends(tmp_path: Path) -> None:
    retrieval(tmp_path)
    content = "\ufeffscore\tnote\tcorpus-id\tquery-id\r\n2\tx\td1\tq1\r\n\r\n"
    (tmp_path / "qrels" / "test.tsv").write_text(content, encoding="utf-8", newline="")
    assert load_retrieval(tmp_path).qrels == {"q1": {"d1": 2}}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("q1\td1", "line 3: 2 fields where the header has 3."),
        ("q1\td1\tgood", "line 3, column score: 'good' is not a whole number."),
        ("q1\td1\t1.5", "line 3, column score: '1.5' is not a whole number."),
        ("q9\td1\t1", "line 3, column query-id: no query 'q9' in queries.jsonl."),
        ("q1\td9\t1", "line 3, column corpus-id: no document 'd9' in corpus.jsonl."),
        ("q2\td2\t2", "line 3, column score: an earlier line gives this pair another grade."),
    ],
)
def test_bad_qrels_row(tmp_path: Path, row: str, expected: str) -> None:
    folder = retrieval(tmp_path, "q2\td2\t1", row)
    assert fault(load_retrieval, folder) == f"{folder / 'qrels' / 'test.tsv'}, {expected}"


@pytest.mark.parametrize("header", ["query-id\tcorpus-id\tgrade", ""])
def test_qrels_header_without_a_column(tmp_path: Path, header: str) -> None:
    sentence = fault(load_retrieval, retrieval(tmp_path, header=header))
    assert sentence.endswith(("column score: missing from the header.", "query-id: missing from the header."))


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    (retrieval(tmp_path) / name).unlink()
    assert fault(load_retrieval, tmp_path) == f"{tmp_path / name}: the file is missing."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"_id": "d3", "title": "x"}', "line 3, column text: missing."),
        (b'{"_id": 3, "title": "x", "text": "y"}', "line 3, column _id: Input should be a valid string."),
        (b'{"_id": "", "title": "x", "text": "y"}', "line 3, column _id: String should have at least 1"),
        (b'{"_id": "d1", "title": "x", "text": "y"}', "line 3: the id 'd1' stands in an earlier line too."),
        (
            b'{"_id": "d3", "title": "x", "text":',
            "line 3: Invalid JSON: EOF while parsing a value at byte 35.",
        ),
        (b'["d3"]', "line 3: "),
        (b'{"_id": "\xff"}', "line 3: not UTF-8 at byte 10."),
    ],
)
def test_bad_corpus_line(tmp_path: Path, line: bytes, expected: str) -> None:
    path = retrieval(tmp_path, "q1\td1\t1") / "corpus.jsonl"
    path.write_bytes(path.read_bytes() + line + b"\n")
    assert fault(load_retrieval, tmp_path).startswith(f"{path}, {expected}")


def test_qa_reads_every_optional_column(tmp_path: Path) -> None:
    optional = {
        "context": "A kite flies.",
        "history": [{"role": "user", "content": "Hello", "more": 1}],
        "answer_starts": [0],
        "evidence_pages": [0],
        "kind": "two_pages",
        "groups": ["staff"],
        "document_ids": ["d1", "d2"],
        "evidence": ["A kite flies."],
    }
    (tmp_path / "boat.txt").write_text("A boat floats.", encoding="utf-8")
    second = {"id": "d2", "title": "Boats", "text": "", "path": "boat.txt", "groups": ["crew"]}
    data = load_qa(qa(tmp_path, QUESTION | optional, documents=[*DOCUMENTS, second]))
    question = data.questions[0]
    assert question.history == (Turn("user", "Hello"),)
    for name in set(optional) - {"history", "context", "kind"}:
        assert getattr(question, name) == tuple(optional[name])
    assert (question.context, question.kind) == ("A kite flies.", "two_pages")
    assert data.documents[1].path == str(tmp_path / "boat.txt")
    assert data.documents[1].groups == ("crew",)


def test_null_means_that_an_optional_column_is_not_given(tmp_path: Path) -> None:
    names = set(Question.__dataclass_fields__) - set(QUESTION)
    folder = qa(tmp_path, QUESTION, QUESTION | {"id": "q2"} | dict.fromkeys(names))
    plain, null = load_qa(folder).questions
    assert all(getattr(plain, name) == getattr(null, name) for name in names)


def test_qa_limit_takes_the_first_questions(tmp_path: Path) -> None:
    folder = qa(tmp_path, *({**QUESTION, "id": str(number)} for number in (5, 3, 4)))
    assert [question.id for question in load_qa(folder, limit=2).questions] == ["5", "3"]
    assert len(load_qa(folder).questions) == 3


def test_scope_is_read_from_set_json(tmp_path: Path) -> None:
    folder = qa(tmp_path, QUESTION)
    assert load_qa(folder).scope == "all"
    (folder / "set.json").write_text('{\n "scope": "document"\n}', encoding="utf-8")
    assert load_qa(folder).scope == "document"


@pytest.mark.parametrize("content", ['{"scope": "site"}', '"document"', "{", ""])
def test_bad_set_json(tmp_path: Path, content: str) -> None:
    (qa(tmp_path, QUESTION) / "set.json").write_text(content, encoding="utf-8")
    assert str(tmp_path / "set.json") in fault(load_qa, tmp_path)


def test_scope_document_needs_a_document_in_every_question(tmp_path: Path) -> None:
    folder = qa(tmp_path, QUESTION, QUESTION | {"id": "q2", "answers": [], "document_id": None})
    assert load_qa(folder).questions[1].document_id is None
    (folder / "set.json").write_text('{"scope": "document"}', encoding="utf-8")
    assert "questions.jsonl, line 2, column document_id" in fault(load_qa, folder)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"document_id": "d9"}, "document_id"),
        ({"document_ids": ["d1", "d9"]}, "document_ids"),
        ({"answers": "A kite"}, "answers"),
        ({"history": [{"role": "system", "content": "x"}]}, "history.0.role"),
        ({"evidence_pages": [-1]}, "evidence_pages.0"),
    ],
)
def test_bad_question(tmp_path: Path, change: dict[str, Any], column: str) -> None:
    sentence = fault(load_qa, qa(tmp_path, QUESTION, QUESTION | {"id": "q2"} | change))
    assert sentence.startswith(f"{tmp_path / 'questions.jsonl'}, line 2, column {column}: ")


@pytest.mark.parametrize("column", ["id", "question", "answers", "document_id"])
def test_question_without_a_column(tmp_path: Path, column: str) -> None:
    row = {name: value for name, value in QUESTION.items() if name != column}
    sentence = fault(load_qa, qa(tmp_path, row))
    assert sentence == f"{tmp_path / 'questions.jsonl'}, line 1, column {column}: missing."


def test_document_whose_file_is_not_there(tmp_path: Path) -> None:
    missing = [{"id": "d1", "title": "x", "text": "", "path": "x.pdf"}]
    assert fault(load_qa, qa(tmp_path, QUESTION, documents=missing)).endswith("column path: no file x.pdf.")


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "documents.jsonl").mkdir()
    assert "documents.jsonl: cannot be read" in fault(load_qa, tmp_path)
