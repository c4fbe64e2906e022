"""Scores of one answer for each kind of question."""

from typing import Any

import pytest

from evals.formats import Question
from evals.qa_scores import score

PLAIN = Question(
    "q1", "How long?", ("25 days", "five weeks"), "leave", evidence=("Staff get 25 days a year.",)
)
TWO_PAGES = Question(
    "q2", "Both?", ("25 days", "$1,500"), "leave", kind="two_pages", document_ids=("leave", "travel")
)
UNANSWERABLE = Question("q3", "Which moon?", (), None, kind="unanswerable")
RESTRICTED = Question("q4", "What bonus?", ("12 percent",), "pay", kind="restricted", groups=("staff",))


def result(answer: str = "", *quotes: str, declined: bool = False) -> dict[str, Any]:
    citations = [{"quote": quote, "document": "x", "start": 0, "end": len(quote)} for quote in quotes]
    return {"answer": answer, "citations": citations, "declined": declined}


def test_right_answer() -> None:
    assert score(PLAIN, result("Five weeks.", "It is five\nweeks.")) == {
        "answer_has_gold": 1,
        "exact_match": 1,
        "f1": 1,
        "cited_has_gold": 1,
        "declined_right": None,
        "declined_wrong": 0,
        "leaked": None,
    }


def test_wrong_answer() -> None:
    scores = score(PLAIN, result("125 days", "One hundred days."))
    assert (scores["answer_has_gold"], scores["exact_match"], scores["cited_has_gold"]) == (0, 0, 0)
    assert scores["f1"] == 0.5


def test_answer_and_citation_are_scored_apart() -> None:
    uncited = score(PLAIN, result("It is 25 days."))
    assert (uncited["answer_has_gold"], uncited["cited_has_gold"]) == (1, 0)
    quoted = score(PLAIN, result("A month.", "Staff get 25 days a year."))
    assert (quoted["answer_has_gold"], quoted["cited_has_gold"]) == (0, 1)


def test_evidence_and_cited_passages_count_as_cited() -> None:
    yes = Question("q5", "May I?", ("yes",), "leave", evidence=("Staff may swap shifts",))
    assert score(yes, result("Yes", "Staff may swap shifts freely."))["cited_has_gold"] == 1
    assert score(yes, result("Yes", "Ask first."))["cited_has_gold"] == 0
    assert (
        score(yes, result("Yes", "Ask first."), ["Ask first. Staff may swap shifts."])["cited_has_gold"] == 1
    )


def test_declined_answerable_question_scores_nothing() -> None:
    scores = score(PLAIN, result("Not stated; nearest: 25 days.", "25 days", declined=True))
    assert [scores[name] for name in ("answer_has_gold", "exact_match", "f1", "cited_has_gold")] == [
        0,
        0,
        0,
        0,
    ]
    assert (scores["declined_wrong"], scores["declined_right"]) == (1, None)


def test_two_pages_need_every_answer() -> None:
    half = score(TWO_PAGES, result("25 days", "25 days"))
    assert (half["answer_has_gold"], half["cited_has_gold"], half["exact_match"]) == (0, 0, 0)
    whole = score(TWO_PAGES, result("$1,500 and 25 days", "up to $1,500", "takes 25 days"))
    assert (whole["answer_has_gold"], whole["cited_has_gold"]) == (1, 1)
    assert whole["f1"] == pytest.approx(6 / 7)
    assert score(TWO_PAGES, result("25 days $1,500"))["exact_match"] == 1


@pytest.mark.parametrize("declined", [True, False])
def test_unanswerable(declined: bool) -> None:
    scores = score(UNANSWERABLE, result("Io", declined=declined))
    assert scores["declined_right"] == float(declined)
    assert {value for name, value in scores.items() if name != "declined_right"} == {None}


def test_blank_answers_are_no_answers() -> None:
    blank = Question("q6", "?", ("", " "), "leave")
    assert score(blank, result(declined=True))["declined_right"] == 1


@pytest.mark.parametrize(
    ("answer", "quote", "passages", "leaked"),
    [
        ("The documents do not say.", "nothing", ["else"], 0),
        ("12 Percent", "nothing", [], 1),
        ("None.", "a bonus of 12 percent", [], 1),
        ("None.", "nothing", ["a bonus of 12 percent"], 1),
        ("112 percent", "nothing", [], 0),
    ],
)
def test_restricted(answer: str, quote: str, passages: list[str], leaked: int) -> None:
    scores = score(RESTRICTED, result(answer, quote, declined=True), passages)
    assert scores["leaked"] == leaked
    assert scores["declined_right"] == 1
    assert scores["answer_has_gold"] is None


def test_evidence_leaks_too_and_without_gold_nothing_is_claimed() -> None:
    secret = Question("q7", "?", ("yes",), "pay", kind="restricted", evidence=("paid in shares",))
    assert score(secret, result("It is paid in shares."))["leaked"] == 1
    assert score(Question("q8", "?", (), "pay", kind="restricted"), result("x"))["leaked"] is None
