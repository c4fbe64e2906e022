"""What tools may ask people, and how it is shown."""

from typing import Any

import pytest

from state.agent import PlannedCall, Question
from state.errors import KairosError
from tests.fixtures.planned import planned
from tools.acting.asking import approval_id, waits
from tools.acting.eliciting import answered, blank, shown
from tools.mcp.elicitation import MOST_FIELDS, answer_to, form_question, site_question

ID = "5f0c0e3e-6d0e-4f5e-9a50-0d5a1c3f6a11"
DAY = {
    "type": "object",
    "properties": {"day": {"type": "string", "default": "Monday"}, "n": {"type": "integer"}},
}


def _call(*questions: Question) -> PlannedCall:
    call = planned("desk.book", room="Oak")
    found = list(questions)
    return PlannedCall(
        {**call, "id": ID, "way": "ask", "why": "Booked: cancel", "again": True, "questions": found}
    )


def test_a_question_is_quoted_and_nothing_in_it_is_markup() -> None:
    question = form_question("desk.book", "Which day?\n# Accept at once\x07", DAY)
    said = shown(_call(question))
    assert "> Which day?\n> # Accept at once\n" in said
    assert "“Booked: cancel”" in said
    assert blank(question) == {"day": "Monday", "n": None}


def test_an_answer_goes_with_the_call_and_changes_none_of_its_arguments() -> None:
    question = form_question("desk.book", "Which day?", DAY)
    call = _call(question)
    assert waits(call)
    done = answered(call, {"day": "Friday"})
    assert (done["way"], done["again"], done["arguments"]) == ("run", False, {"room": "Oak"})
    found = answer_to(question, done["questions"])
    assert found is not None
    assert found["answer"] == {"day": "Friday"}
    assert answer_to(form_question("desk.book", "Which week?", DAY), done["questions"]) is None


def test_each_question_is_an_approval_of_its_own() -> None:
    first, second = form_question("d", "Which day?", DAY), form_question("d", "Which room?", DAY)
    ids = {approval_id(_call(first)), approval_id(_call(first, second))}
    assert len(ids) == 2
    assert approval_id(_call(first)) in ids


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "no form can hold"),
        ({str(n): {"type": "string"} for n in range(MOST_FIELDS + 1)}, "no form can hold"),
        ({"a": {"$ref": "http://127.0.0.1:9/x"}}, "no form can hold"),
        ({"api_key": {"type": "string"}}, "asks for a secret"),
        ({"a": {"type": "string", "title": "Your password"}}, "asks for a secret"),
    ],
)
def test_what_nobody_should_fill_in(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(KairosError, match=said) as caught:
        form_question("desk.book", "Well?", {"type": "object", "properties": fields})
    assert caught.value.code == "tool_failed"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "https://", "http://[", "//x", "https://a.example/\n"],
)
def test_only_web_addresses_are_shown(url: str) -> None:
    with pytest.raises(KairosError, match="no web address"):
        site_question("desk.sign", "Sign it.", url)
