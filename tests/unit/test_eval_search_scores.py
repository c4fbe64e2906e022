"""Scores of searches: gold spans count where they are read, and in their own document."""

from pathlib import Path
from typing import Any

from evals.formats import Question
from evals.search_scores import metrics, score, within
from evals.searches import EVALUATOR, Search, load_searches
from state.assistant import PassageData

HANDBOOK = Path(__file__).parents[2] / "evals" / "datasets" / "handbook"


def passage(text: str, document: str = "boats") -> PassageData:
    return PassageData(
        id="1",
        merged=[],
        document_id=1,
        version=1,
        document=document,
        title="",
        text=text,
        start=0,
        page=None,
        page_starts=[],
        headings=[],
        score=1.0,
    )


def asked(**given: Any) -> Search:
    question = Question("q", "what floats?", ("boat",), "boats", **given)
    return Search(question.question, EVALUATOR, {"boats": 1}, question)


FILLER = [passage("word " * 240) for _ in range(5)]


def test_gold_counts_in_its_own_document_only() -> None:
    assert score(asked(), [passage("a boat", "kites"), passage("a kite")], 1)["gold@5"] == 0
    assert score(asked(), [passage("a kite", "kites"), passage("a boat")], 1)["gold@5"] == 1


def test_evidence_is_the_place_of_the_answer_where_it_is_known() -> None:
    wanted = asked(evidence=("a boat floats",))
    assert score(wanted, [passage("every boat sinks")], 1)["gold@5"] == 0
    assert score(wanted, [passage("A boat  floats.")], 1)["gold@5"] == 1


def test_five_passages_and_a_thousand_words_are_counted_apart() -> None:
    late = score(asked(), [*FILLER, passage("a boat")], 1)
    assert (late["gold@5"], late["words@5"], late["gold@1000_words"]) == (0, 1200, 0)
    small = score(asked(), [*[passage("word " * 30) for _ in range(9)], passage("a boat")], 1)
    assert (small["gold@5"], small["words@5"], small["gold@1000_words"]) == (0, 150, 1)
    large = score(asked(), [*FILLER[:4], passage("word " * 60 + "boat")], 1)
    assert (large["gold@5"], large["gold@1000_words"]) == (1, 0)


def test_the_last_passage_of_a_budget_is_cut_short() -> None:
    kept = within([passage("one two three"), passage("four five six"), passage("seven")], 5)
    assert [p["text"] for p in kept] == ["one two three", "four five"]


def test_searches_without_gold_have_no_passage_metrics() -> None:
    scores = [score(Search("q", EVALUATOR, {"boats": 1}), [passage("a boat")], 3)]
    assert set(metrics(scores)) == {"ndcg@10", "recall@10", "mrr@10", "latency_p50_ms", "latency_p95_ms"}
    assert "gold@5" in metrics([*scores, score(asked(), [], 1)])


def test_questions_without_an_answer_to_find_are_not_searched() -> None:
    data = load_searches(HANDBOOK)
    assert len(data.documents) == 56
    assert {search.question.kind for search in data.searches if search.question} == {
        "plain",
        "two_pages",
        "followup",
    }
    assert all(search.grades for search in data.searches)
