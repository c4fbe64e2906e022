"""What models wrote for a form."""

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, Field

from state.errors import KairosError
from tools.models.filled import LONGEST_PROBLEM, MOST_PROBLEMS, MisfitError, fitting, written


class Pet(BaseModel):
    name: str


class Person(BaseModel):
    name: str = Field(min_length=1)
    age: int
    born: date | None = None
    pets: list[Pet] = []


ANN = '{"name": "Ann", "age": 3, "born": "2020-01-31", "pets": [{"name": "Rex"}]}'


def call(arguments: Any) -> dict[str, Any]:
    return {"id": "1", "type": "function", "function": {"name": "Person", "arguments": arguments}}


@pytest.mark.parametrize(
    "answer", [ANN, f"```json\n{ANN}\n```", f"{ANN} I repeat: {ANN}", f'{{"name": 1}} {ANN}']
)
def test_the_object_that_fits(answer: str) -> None:
    person = fitting(Person, answer, "stop")
    assert person == Person(name="Ann", age=3, born=date(2020, 1, 31), pets=[Pet(name="Rex")])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"name": "Ann", "age": "3"}', "age: Input should be a valid integer"),
        ('{"name": "Ann", "age": true}', "age: Input should be a valid integer"),
        ('{"name": "Ann"}', "age: Field required"),
        ('{"name": "", "age": 3}', "name: String should have at least 1 character"),
        (
            '{"name": "Ann", "age": 3, "pets": [{"name": null}]}',
            "pets.0.name: Input should be a valid string",
        ),
        ('{"name": "Ann", "age": 3, "born": "soon"}', "born: "),
        ('{"name": "\\ud800", "age": 3}', "the object: Invalid JSON"),
        ('{"name": "Ann", "age": 3} {"name": "Bob", "age": 4}', "the answer holds several objects"),
        ("", "the answer is empty"),
        ("Sorry, no.", "the answer holds no JSON object"),
    ],
)
def test_what_does_not_fit_is_named(answer: str, problem: str) -> None:
    with pytest.raises(MisfitError) as misfit:
        fitting(Person, answer, "stop")
    assert misfit.value.problems[0].startswith(problem)


def test_a_cut_answer_is_none_even_if_it_reads_well() -> None:
    with pytest.raises(MisfitError, match="cut off"):
        fitting(Person, ANN, "length")


def test_problems_are_bounded() -> None:
    class Many(BaseModel, extra="forbid"):
        pass

    answer = "{" + ", ".join(f'"{"x" * 1000}{n}": 1' for n in range(50)) + "}"
    with pytest.raises(MisfitError) as misfit:
        fitting(Many, answer, "stop")
    assert len(misfit.value.problems) == MOST_PROBLEMS
    assert all(len(problem) <= LONGEST_PROBLEM for problem in misfit.value.problems)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": ANN}, ANN),
        ({"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": ANN}]}, ANN),
        ({"content": "Here it is", "tool_calls": [call(ANN)]}, ANN),
        ({"content": ANN, "tool_calls": []}, ANN),
        ({"content": None, "tool_calls": [call("{}"), call(ANN)]}, "{}\n" + ANN),
        ({"content": None, "tool_calls": [call({"a": 1}), None, 3]}, ""),
        ({"content": None, "tool_calls": "no"}, ""),
        ({"content": 3}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_what_was_written(message: Any, text: str) -> None:
    assert written("stub", {"message": message}) == text


@pytest.mark.parametrize(
    "choice",
    [
        {"message": {"content": None, "refusal": "I must not."}, "finish_reason": "stop"},
        {"message": {"content": '{"name": "An'}, "finish_reason": "content_filter"},
    ],
)
def test_who_declines_is_not_pressed(choice: dict[str, Any]) -> None:
    with pytest.raises(KairosError, match=r"^The model 'stub' declined to answer\.$") as failure:
        written("stub", choice)
    assert failure.value.code == "model_bad_answer"
