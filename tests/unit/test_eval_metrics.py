"""Ranking and answer measures: worked examples, bounds, and the edges of gold spans."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.metrics import (
    contains_any,
    contains_gold,
    exact_match,
    ndcg_at,
    normalise,
    percentile,
    recall_at,
    reciprocal_rank,
    token_f1,
)
from state.errors import KairosError

NAMES = [f"d{number}" for number in range(8)]
rankings = st.lists(st.sampled_from(NAMES), max_size=12)
judgements = st.dictionaries(st.sampled_from(NAMES), st.integers(-1, 4), min_size=1).filter(
    lambda grades: max(grades.values()) > 0
)
depths = st.integers(1, 10)
vocabulary = st.sampled_from(["leave", "days", "25", "a", "the", "boss's"])
words = st.lists(vocabulary, min_size=1, max_size=6).map(" ".join)


def test_ndcg_by_hand() -> None:
    # Gains 3 2 3 0 1 2 at ranks 1 to 6; the ideal order also has the grade 3 and 2 that were not found.
    grades = {"a": 3, "b": 2, "c": 3, "d": 0, "e": 1, "f": 2, "g": 3, "h": 2}
    dcg = 3 + 2 / 1.5849625 + 3 / 2 + 0 + 1 / 2.5849625 + 2 / 2.8073549
    ideal = 3 + 3 / 1.5849625 + 3 / 2 + 2 / 2.3219281 + 2 / 2.5849625 + 2 / 2.8073549
    assert ndcg_at(6, list("abcdef"), grades) == pytest.approx(dcg / ideal, abs=1e-7)
    assert ndcg_at(6, list("abcdef"), grades) == pytest.approx(0.785, abs=1e-4)


def test_gain_is_linear_in_the_grade() -> None:
    assert ndcg_at(1, ["low"], {"low": 1, "high": 4}) == 0.25
    assert ndcg_at(2, ["low", "high"], {"low": 1, "high": 4}) == pytest.approx(
        (1 + 4 / log2(3)) / (4 + 1 / log2(3))
    )


def test_ranks_beyond_k_do_not_count() -> None:
    ranking, grades = ["x", "y", "a"], {"a": 1, "b": 1}
    for measure in (ndcg_at, recall_at, reciprocal_rank):
        assert measure(2, ranking, grades) == 0
    assert recall_at(3, ranking, grades) == 0.5
    assert reciprocal_rank(3, ranking, grades) == pytest.approx(1 / 3)


def test_a_document_found_twice_counts_once() -> None:
    assert ndcg_at(10, ["x", "a", "a"], {"a": 1}) == pytest.approx(1 / log2(3))
    assert recall_at(2, ["x", "x", "a"], {"a": 1}) == 1


@pytest.mark.parametrize("measure", [ndcg_at, recall_at, reciprocal_rank])
def test_a_query_without_a_relevant_document_is_not_scored(measure: type[object]) -> None:
    with pytest.raises(KairosError) as caught:
        measure(10, ["a"], {"a": 0})  # type: ignore[call-arg]
    assert caught.value.code == "eval_unscorable"


@given(depths, rankings, judgements)
def test_ranking_measures_stay_between_0_and_1(k: int, ranking: list[str], grades: dict[str, int]) -> None:
    for measure in (ndcg_at, recall_at, reciprocal_rank):
        assert 0 <= measure(k, ranking, grades) <= 1 + 1e-12


@given(depths, judgements)
def test_the_perfect_ranking_scores_1(k: int, grades: dict[str, int]) -> None:
    perfect = sorted(grades, key=lambda name: -grades[name])
    assert ndcg_at(k, perfect, grades) == pytest.approx(1)
    assert reciprocal_rank(k, perfect, grades) == 1
    assert recall_at(len(NAMES), perfect, grades) == 1


@given(depths, rankings, judgements)
def test_deeper_never_recalls_less(k: int, ranking: list[str], grades: dict[str, int]) -> None:
    assert recall_at(k, ranking, grades) <= recall_at(k + 1, ranking, grades)
    assert reciprocal_rank(k, ranking, grades) <= reciprocal_rank(k + 1, ranking, grades)


@given(st.permutations(NAMES), judgements, st.integers(0, len(NAMES) - 2))
def test_moving_the_better_document_up_never_lowers_ndcg(
    ranking: list[str], grades: dict[str, int], place: int
) -> None:
    upper, lower = ranking[place], ranking[place + 1]
    swapped = [*ranking[:place], lower, upper, *ranking[place + 2 :]]
    if grades.get(lower, 0) >= grades.get(upper, 0):
        assert ndcg_at(5, swapped, grades) >= ndcg_at(5, ranking, grades) - 1e-12


def test_percentile_is_linear_between_neighbours() -> None:
    assert percentile([10, 40, 20, 30], 50) == 25
    assert percentile([10, 40, 20, 30], 95) == pytest.approx(38.5)


def test_normalise_as_squad() -> None:
    assert normalise("  The Boss's  25-day  leave, an\thour. ") == "bosss 25day leave hour"


def test_exact_match_takes_the_best_gold() -> None:
    assert exact_match("The kite.", ["a boat", "kite"]) == 1
    assert exact_match("kites", ["a boat", "kite"]) == 0


def test_token_f1_by_hand() -> None:
    # 2 shared tokens of 3 given and 4 gold ones ("the" is dropped): 2 * 2 / (3 + 4).
    assert token_f1("the leave is 25", ["25 days of leave"]) == pytest.approx(4 / 7)
    assert token_f1("leave leave", ["leave"]) == pytest.approx(2 / 3)
    assert token_f1("kite", ["boat", "the kite"]) == 1
    assert (token_f1("the", ["a"]), token_f1("the", ["kite"])) == (1, 0)


@given(words, words)
def test_f1_is_bounded_symmetric_and_1_where_the_match_is_exact(answer: str, gold: str) -> None:
    f1 = token_f1(answer, [gold])
    assert 0 <= f1 <= 1
    assert f1 == token_f1(gold, [answer])
    assert f1 >= exact_match(answer, [gold])


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("You have 25\n  DAYS of leave.", "25 days"),
        ("Up to $1,500 a year", "$1,500."),
        ("US$500 is paid", "$500"),
        ("It’s the manager’s “call”", 'the manager\'s "call"'),
        ("from 9–5", "9-5"),
        ("ends in 2024.", "2024"),
        ("lasts 5, or 6, days", "5"),
        ("Straße 5", "STRASSE 5"),
        ("a **25 days** rule", "25 days"),
        ("fee (waived)", "(waived)"),
        ("cafe\u0301 opens", "caf\u00e9"),
    ],
)
def test_gold_is_found(text: str, gold: str) -> None:
    assert contains_gold(text, gold)


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("15 days", "5 days"),
        ("in 1,500 steps", "500"),
        ("in 1,500 steps", "1"),
        ("at 10:30", "10"),
        ("costs 5.50", "5"),
        ("a category", "cat"),
        ("the concatenation", "cat"),
        ("25 long days", "25 days"),
        ("anything", ""),
        ("anything", "  "),
        ("anything", "."),
    ],
)
def test_gold_is_not_found(text: str, gold: str) -> None:
    assert not contains_gold(text, gold)


@given(words, words, words)
def test_gold_is_found_between_other_words(before: str, gold: str, after: str) -> None:
    assert contains_gold(f"{before} {gold.upper()}\n{after}", gold)


def test_one_of_the_alternatives_is_enough() -> None:
    assert contains_any("25 days", ["five weeks", "25 days"])
    assert not contains_any("25 days", ["five weeks"])
    assert not contains_any("25 days", [])
