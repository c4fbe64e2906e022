"""Follow-up questions made to stand alone."""

import pytest

from tools.reading.question import split_topic
from tools.standalone import standalone

LEAVE = [("user", "How many days of annual leave do permanent staff get?"), ("assistant", "25 days. [1]")]


@pytest.mark.parametrize(
    "question",
    [
        "What is the parking fee in Berlin?",
        "If I lose my badge, who replaces it?",
        "How long does it take to get a visa?",
        "Is it possible to work from abroad?",
        "Is there parking at the office?",
        "Which form is needed for travel expenses?",
        "thanks!",
        "ok",
        "?",
    ],
)
def test_what_stands_alone_is_left_alone(question: str) -> None:
    assert standalone(question, LEAVE) == question


@pytest.mark.parametrize(
    ("question", "carried"),
    [
        ("and for contractors?", "How many days of annual leave do permanent staff get"),
        ("What about part-timers?", "How many days of annual leave do permanent staff get"),
        ("How do I request it?", "days annual leave permanent staff"),
        ("Who approves it?", "days annual leave permanent staff"),
        ("Can I carry them over?", "days annual leave permanent staff"),
        ("Does that apply to interns?", "days annual leave permanent staff"),
        ("What is the deadline?", "days annual leave permanent staff"),
        ("When?", "days annual leave permanent staff"),
        ("trainees too?", "How many days of annual leave do permanent staff get"),
    ],
)
def test_a_follow_up_carries_the_topic(question: str, carried: str) -> None:
    assert standalone(question, LEAVE) == f"{question} ({carried})"


def test_without_history_nothing_changes() -> None:
    assert standalone(" and for contractors? ", []) == "and for contractors?"


def test_a_rival_of_the_same_preposition_is_dropped() -> None:
    history = [("user", "What is the daily rate for Berlin?"), ("assistant", "EUR 60.")]
    assert standalone("And for Paris?", history) == "And for Paris? (What is the daily rate)"


def test_the_topic_survives_a_chain_of_follow_ups() -> None:
    history = [*LEAVE, ("user", "and for contractors?"), ("assistant", "None.")]
    alone = standalone("Who approves it?", history)
    assert alone.startswith("Who approves it? (contractors")
    assert "annual leave" in alone


def test_small_talk_between_is_no_topic() -> None:
    history = [*LEAVE, ("user", "thanks"), ("assistant", "You are welcome.")]
    assert "annual leave" in standalone("Who approves it?", history)


def test_a_bare_yes_answers_the_question_before_it() -> None:
    history = [*LEAVE, ("assistant", "Shall I look up the parental bonus?")]
    assert "parental bonus" in standalone("Yes", history)


def test_the_topic_can_be_split_off_again() -> None:
    assert split_topic("Who approves it? (annual leave)") == ("Who approves it?", "annual leave")
    assert split_topic("What is PTO (paid time off)?") == ("What is PTO (paid time off)?", "")
