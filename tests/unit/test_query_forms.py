"""Short and long forms: found in texts, and put to use."""

import time

import pytest

from tools.query.acronyms import short_forms
from tools.query.expansion import WEIGHT, added_terms, expansions, names


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("The Quiet Hours Rule (QHR) holds.", ("qhr", "quiet hours rule")),
        ("Ask the QHR (Quiet Hours Rule).", ("qhr", "quiet hours rule")),
        ("Our Safe Lifting Procedures (SLPs) hang there.", ("slp", "safe lifting procedures")),
        ("wear personal protective equipment (PPE)", ("ppe", "personal protective equipment")),
        ("the Ministry of Canals (MoC)", ("moc", "ministry of canals")),
        ("a tide gauge transmitter factor (TGF)", ("tgf", "tide gauge transmitter factor")),
        ("The Old Mill (also known as Grey House) is shut.", ("grey house", "old mill")),
        ("Brook & Vale Limited, hereinafter “BVL”, pays.", ("bvl", "brook & vale limited")),
    ],
)
def test_a_text_explains_a_short_form(text: str, pair: tuple[str, str]) -> None:
    assert pair in short_forms(text)


@pytest.mark.parametrize(
    "text",
    [
        "Leave (see below) and room (12) and plan (B).",
        "The rule (QXZ) holds.",
        "Brook & Vale Limited, hereinafter “the Company”, pays.",
        "(((((",
        "",
    ],
)
def test_other_brackets_explain_nothing(text: str) -> None:
    assert short_forms(text) == []


def test_a_large_text_takes_no_time() -> None:
    started = time.process_time()
    short_forms("Aaa (" * 200_000)
    short_forms("A B C D also known as " * 50_000)
    assert time.process_time() - started < 20


FORMS = [("qhr", "quiet hours rule"), ("it", "information technology")]


def test_a_question_is_widened_both_ways() -> None:
    asked = names("Who signs the QHRs?")
    assert expansions(asked, FORMS) == [{"of": "qhr", "to": "quiet hours rule"}]
    asked = names("Who signs the quiet hours rule?")
    assert expansions(asked, FORMS) == [{"of": "quiet hours rule", "to": "qhr"}]


def test_it_is_no_short_form_but_in_capitals() -> None:
    assert expansions(names("Is it open?"), FORMS) == []
    assert expansions(names("Is IT open?"), FORMS) == [{"of": "it", "to": "information technology"}]


def test_a_short_form_of_everything_says_nothing() -> None:
    forms = [("abc", f"alpha beta {word}") for word in ("car", "cat", "cup", "cow")]
    assert expansions(names("the ABC"), forms) == []


def test_added_terms_weigh_less_and_leave_the_questions_own_alone() -> None:
    widened = expansions(names("hours of the QHR"), FORMS)
    assert added_terms("hours of the QHR", widened) == {"quiet": WEIGHT, "rule": WEIGHT}
