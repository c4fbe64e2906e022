"""Forms filled in at the terminal."""

from typing import Any

import pytest
import typer

from app.forms import filled

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "day": {"type": "string", "title": "Which day"},
        "people": {"type": "integer"},
        "quiet": {"type": "boolean", "default": False},
        "with": {"type": "array", "items": {"enum": ["screen", "board"]}},
        "size": {"enum": ["small", "large"]},
    },
}


def test_values_get_their_types() -> None:
    given = ["day=12 May", "people=4", "quiet=yes", "with=screen, board", "size=large"]
    assert filled(FORM, given, ask=False) == {
        "day": "12 May",
        "people": 4,
        "quiet": True,
        "with": ["screen", "board"],
        "size": "large",
    }


def test_what_does_not_fit_is_left_to_the_schema() -> None:
    assert filled(FORM, ["people=a few"], ask=False) == {"people": "a few"}


@pytest.mark.parametrize("pair", ["room=Oak", "day"])
def test_a_field_that_is_not_there_is_told(pair: str) -> None:
    with pytest.raises(typer.BadParameter, match="name=value of: day, people"):
        filled(FORM, [pair], ask=False)


def test_a_person_is_asked_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def prompt(label: str, default: Any, err: bool) -> str:
        asked.append(label)
        return {"people": "3"}.get(label, str(default))

    monkeypatch.setattr(typer, "prompt", prompt)
    assert filled(FORM, ["day=Monday"]) == {"day": "Monday", "people": 3, "quiet": False}
    assert asked == ["people", "quiet", "with", "size (small, large)"]
