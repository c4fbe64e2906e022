"""Routing by rules: small talk, unclear, knowledge."""

import pytest

from tools.route import route, small_talk_reply


@pytest.mark.parametrize(
    "question",
    [
        "hi", "Hello there!", "good morning, team", "Thanks a lot", "great, thanks", "thx", "bye", "See you tomorrow",
        "Who are you?", "hi, what can you do?", "How are you today?", "are you a robot?", "help", "ok", "well done",
    ],
)  # fmt: skip
def test_small_talk(question: str) -> None:
    assert route(question) == "small_talk"
    assert small_talk_reply(question)


@pytest.mark.parametrize(
    "question", ["", "   ", "?", "...", "hmm", "uh", "asdf", "xkcdf", "it", "what is this?", "blah"]
)
def test_unclear(question: str) -> None:
    assert route(question) == "unclear"


@pytest.mark.parametrize(
    "question",
    [
        "How much leave do I get?", "hi, how much leave do I get?", "leave", "VPN", "What is form L-7?", "42",
        "Who are you allowed to bring?", "Thanks to whom was the office opened?", "good morning allowance",
        "help desk hours", "¿Cuántos días de vacaciones tengo?", "年次休暇は何日ですか", "and for contractors?",
    ],
)  # fmt: skip
def test_when_in_doubt_it_is_a_question_for_the_documents(question: str) -> None:
    assert route(question) == "knowledge"


def test_replies_are_honest_about_what_it_is() -> None:
    assert "program" in small_talk_reply("are you a human?")
    assert small_talk_reply("thank you so much") == "You are welcome."
