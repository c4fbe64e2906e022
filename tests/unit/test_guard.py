"""What is taken as a question, and what is refused with which code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.guard.question import LONGEST, check_question


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("", "question_empty"),
        (" \t\r\n\u00a0\u3000", "question_empty"),
        ("?!… —", "question_empty"),
        ("\u200b\u200d\ufeff", "question_empty"),
        ("a" * (LONGEST + 1), "question_too_long"),
        (" " * 1_000_000, "question_too_long"),
        ("leave\x00", "question_control_characters"),
        ("\x1b[31mleave", "question_control_characters"),
        ("leave\x7f", "question_control_characters"),
        ("leave\x85days", "question_control_characters"),
        (b"\xff\xfeleave".decode(errors="surrogateescape"), "question_not_utf8"),
        (b"caf\xe9".decode(errors="replace"), "question_not_utf8"),
        (bytes(range(256)).decode("utf-8", "replace"), "question_not_utf8"),
        (None, "question_not_text"),
        (42, "question_not_text"),
        (["leave"], "question_not_text"),
        (b"leave", "question_not_text"),
    ],
)
def test_what_is_no_question_has_a_code_and_one_sentence(question: object, code: str) -> None:
    refusal = check_question(question)
    assert refusal is not None
    assert refusal["code"] == code
    assert refusal["sentence"].endswith(".")
    assert "\n" not in refusal["sentence"]
    assert len(refusal["sentence"]) < 120


@pytest.mark.parametrize(
    "question",
    [
        "How many days?",
        "a" * LONGEST,
        "How many days?\r\n\tIn words, please.",
        "42",
        "年次休暇は何日ですか",
        "¿Cuántos días?",
        "كم يوما؟",
        "naïve — “quoted” \u00a0 question",
        "🙂",
        "👩\u200d💻",
    ],
)
def test_what_people_write_is_taken(question: str) -> None:
    assert check_question(question) is None


@given(st.text(max_size=200))
def test_what_is_taken_can_be_stored_and_sent(question: str) -> None:
    if check_question(question) is None:
        assert "\x00" not in question
        question.encode("utf-8")
