"""What a person at the terminal says to a call that waits, as an answer in the schema of Agent Inbox."""

from collections.abc import Sequence
from typing import Any

import pytest
import typer

from app.commands import act

REQUEST: dict[str, Any] = {
    "description": "**desk.book**",
    "action_request": {"action": "desk.book", "args": {"n": 1}},
}
DAY = {"type": "object", "properties": {"day": {"type": "string"}}}


@pytest.mark.parametrize(
    ("typed", "request_", "answer"),
    [
        (["a"], REQUEST, {"type": "accept", "args": None}),
        (["i"], REQUEST, {"type": "ignore", "args": None}),
        (["s", "Not now."], REQUEST, {"type": "response", "args": "Not now."}),
        (["c", "{no json", '{"n": 2}'], REQUEST, {"type": "edit", "args": {"n": 2}}),
        (["l"], REQUEST, None),
        (["?"], REQUEST, None),
        (["Monday"], {**REQUEST, "form": DAY}, {"type": "edit", "args": {"day": "Monday"}}),
    ],
)
async def test_what_is_typed_becomes_an_answer(
    monkeypatch: pytest.MonkeyPatch, typed: Sequence[str], request_: dict[str, Any], answer: Any
) -> None:
    said = iter(typed)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(said))
    assert await act._asked(request_) == answer
    assert list(said) == []
