"""Widening a query by the headings of the nearest passages."""

from tools.rewriting import ADDED, widen


def test_the_commonest_new_words_are_added_behind_the_question() -> None:
    headings = ["Annual leave entitlement", "Leave entitlement carry-over", "Entitlement of contractors"]
    assert widen("How much leave?", headings).startswith("How much leave? entitlement ")


def test_words_of_the_question_and_stop_words_are_not_added() -> None:
    assert widen("Can I travel by train?", ["The trains and the travels by night"]) == (
        "Can I travel by train? night"
    )


def test_a_word_counts_once_a_heading() -> None:
    widened = widen("Where?", ["fee fee fee fee", "desk", "desk"])
    assert widened == "Where? desk fee"


def test_few_words_are_added() -> None:
    added = widen("Where?", ["one two three four five six seven eight nine ten"]).split()[1:]
    assert len(added) == ADDED


def test_nothing_new_leaves_the_query_as_it_was() -> None:
    assert widen("How much leave?", []) == "How much leave?"
    assert widen("How much leave?", ["Leave", "How much"]) == "How much leave?"
