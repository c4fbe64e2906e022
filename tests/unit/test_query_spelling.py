"""Which words are mended, and how near two words are."""

import pytest

from state.postgres.lookup import Known
from tools.query.spelling import corrections, distance, mend, sought


def mended(question: str, known: set[str], near: dict[str, dict[str, int]], words: str = "") -> str:
    """The question as it is searched."""
    found = corrections(
        question, sought(question), Known(frozenset(known), near, []), words.split().__contains__
    )
    return mend(question, found)


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [
        ("leave", "leave", 0),
        ("leav", "leave", 1),
        ("laeve", "leave", 1),
        ("lxave", "leave", 1),
        ("", "ab", 2),
    ],
)
def test_a_slip_is_one_edit(left: str, right: str, edits: int) -> None:
    assert distance(left, right, 2) == distance(right, left, 2) == edits


def test_far_words_are_only_called_far() -> None:
    assert distance("invoice", "harbour", 2) == 3
    assert distance("a", "abcdefgh", 2) == 3


def test_an_unknown_word_becomes_the_nearest_and_commonest_known_one() -> None:
    near = {"levae": {"leave": 9, "lever": 90, "levee": 3}}
    assert mended("Levae of interns", {"interns"}, near) == "Leave of interns"
    assert mended("LEVAE of interns", {"interns"}, near) == "LEAVE of interns"
    near = {"pard": {"park": 5, "part": 70}}
    assert mended("pard of rules", {"rules"}, near) == "part of rules"


def test_the_first_letter_may_be_wrong_but_rather_not() -> None:
    assert mended("xnvoice of interns", {"interns"}, {"xnvoice": {"invoice": 3}}) == "invoice of interns"
    near = {"caper": {"paper": 90, "caters": 1, "caver": 1}}
    assert mended("caper of interns", {"interns"}, near) == "caver of interns"


def test_what_is_known_or_a_real_word_is_left() -> None:
    near = {"poodle": {"noodle": 4}}
    assert mended("leave of the poodle", {"leave"}, near, "poodle") == "leave of the poodle"
    assert mended("levae at night", {"levae", "night"}, {}) == "levae at night"


def test_another_form_of_a_known_word_is_left() -> None:
    near = {"inspecting": {"inspections": 3, "inspection": 9}}
    assert mended("inspecting vessels yearly", {"vessels", "yearly"}, near) == "inspecting vessels yearly"


def test_identifiers_quotes_numbers_and_short_words_are_not_looked_at() -> None:
    assert [
        one.word for one in sought('Is "levae form" or INV-2041 or abc or 12345, needn’t it, a payslpi?')
    ] == ["payslpi"]


def test_a_question_in_another_language_is_left() -> None:
    near = {"viel": {"vial": 3}, "urlaub": {"urlauf": 2}, "habe": {"have": 9, "babe": 1}}
    assert mended("Wie viel Urlaub habe ich", set(), near) == "Wie viel Urlaub habe ich"


def test_a_question_of_one_word_is_mended() -> None:
    assert mended("invocie", set(), {"invocie": {"invoice": 2}}) == "invoice"
    assert (
        mended("How do I pay the invocie?", set(), {"invocie": {"invoice": 2}}) == "How do I pay the invoice?"
    )


def test_a_pasted_page_is_not_mended() -> None:
    assert (
        sought(" ".join(f"w{'abcdefghij'[n % 10]}{'abcdefghij'[n // 10 % 10]}xyz" for n in range(100))) == []
    )
    assert sought("") == sought("the of and") == sought("😀 '; DROP TABLE x; --"[:3]) == []


def test_an_edit_leaves_the_beginning_or_the_end_to_look_for() -> None:
    (one,) = sought("vacaton")
    assert "vacation".startswith(one.start) or "vacation".endswith(one.end)
    for place in range(6):  # a swap of any two neighbours
        typed = "holiday"[:place] + "holiday"[place + 1] + "holiday"[place] + "holiday"[place + 2 :]
        (one,) = sought(typed)
        assert "holiday".startswith(one.start) or "holiday".endswith(one.end)
