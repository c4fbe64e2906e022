"""What a part adds is the paired difference, a mean over sets; the plot shows it."""

import xml.etree.ElementTree as ET

import pytest

from evals.ablation import rerankers, slices
from evals.bootstrap import mean_of_means
from evals.metrics import all_at
from evals.plot import svg
from evals.report import Report
from evals.search_scores import SearchScores
from tools.rerank.parts import PARTS


def scores(*values: float) -> list[SearchScores]:
    rest = {"mrr@10": 0.0, "all@5": None, "gold@5": None, "words@5": None, "gold@1000_words": None}
    return [{"ndcg@10": its, "recall@10": its, "latency_ms": 1.0, **rest} for its in values]  # type: ignore[typeddict-item]


def test_every_set_weighs_the_same() -> None:
    found = mean_of_means([[1.0], [0.0, 0.5, 0.0, 0.5]])
    assert found["value"] == pytest.approx(0.625)
    assert found["low"] is not None
    assert found["high"] is not None
    assert 0.5 <= found["low"] <= 0.625 <= found["high"] <= 0.75


def test_a_part_adds_what_is_lost_without_it() -> None:
    found = slices({"full": [scores(0.8, 0.6), scores(1.0)], "tokens": [scores(0.8, 0.4), scores(0.6)]})
    assert found["full"].metrics["ndcg@10"]["value"] == pytest.approx(0.85)
    assert found["without tokens"].metrics["contribution"]["value"] == pytest.approx(0.25)
    assert "contribution" not in found["full"].metrics
    assert found["without tokens"].n == 3


def test_equal_rankings_add_nothing_for_certain() -> None:
    found = slices({"full": [scores(0.8, 0.1)], "titles": [scores(0.8, 0.1)]})["without titles"]
    assert found.metrics["contribution"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_the_whole_chain_and_every_part_are_measured() -> None:
    assert list(rerankers()) == ["full", "reranking", *PARTS]
    assert rerankers()["reranking"] is None


@pytest.mark.parametrize(("found", "expected"), [("ab", 1.0), ("cab", 1.0), ("cda", 0.0), ("cdefab", 0.0)])
def test_all_relevant_documents_must_be_among_the_first(found: str, expected: float) -> None:
    assert all_at(5, list(found), {"a": 1, "b": 2, "c": 0}) == expected


def test_one_relevant_document_says_nothing_about_two() -> None:
    assert all_at(5, ["a"], {"a": 1}) is None


def test_the_plot_is_a_bar_a_part() -> None:
    parts = slices({"full": [scores(0.8)], "a & b": [scores(0.4)], "worse": [scores(0.9)]})
    report = Report("retrieval", "x < y", 1, 1.0, "c", parts["full"].metrics, parts)
    drawn = ET.fromstring(svg(report))  # noqa: S314 - our own text
    texts = [its.text for its in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] is not None
    assert "x < y" in texts[0]
    assert texts[1:] == ["a & b", "+0.4000", "worse", "-0.1000"]
