"""How a request asks each deployment for a structure."""

from typing import Any, Generic, TypeVar

import pytest
from pydantic import BaseModel, RootModel

from state.caller import Caller
from state.identity import Identity
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.form import WAYS, Way, asked_again, form
from tools.models.tokens import input_tokens

T = TypeVar("T")
ASKED = [{"role": "user", "content": "Who is it?"}]


class Person(BaseModel):
    name: str
    age: int = 0


class Counts(BaseModel):
    counts: dict[str, int]


class Page(BaseModel, Generic[T]):
    items: list[T]


def entry(provider: str = "openai_compatible", **more: Any) -> Entry:
    url = "http://127.0.0.1:1/v1"
    return Entry.model_validate({"name": "e", "provider": provider, "model": "m", "base_url": url} | more)


@pytest.mark.parametrize(
    ("one", "way"),
    [
        (entry("openai"), "json_schema"),
        (entry("azure"), "json_schema"),
        (entry(), "json_schema"),
        (entry(capabilities=["tools", "json_schema", "grammar"]), "grammar"),
        (entry(capabilities=["tools"]), "tools"),
        (entry(capabilities=[]), "prompt"),
        (entry("anthropic"), "tools"),
        (entry("google"), "tools"),
    ],
)
def test_the_way_is_that_of_the_deployment(one: Entry, way: Way) -> None:
    assert form(Person).way(one) == way


def test_after_a_refusal_the_next_way_is_taken() -> None:
    asked, everything = form(Person), entry(capabilities=["tools", "json_schema", "grammar"])
    taken = []
    while (way := asked.way(everything)) != "prompt":
        taken.append(way)
        asked = asked.after(way)
    assert taken == ["grammar", "json_schema", "tools"]


def test_bodies() -> None:
    asked, body = form(Person), {"messages": ASKED, "temperature": 0}
    openai = asked.body_for(entry("openai"), body)
    said = openai["response_format"]["json_schema"]
    assert (said["name"], said["strict"], said["schema"]["required"]) == ("Person", True, ["name", "age"])
    assert openai["messages"] == ASKED
    assert openai["temperature"] == 0
    assert '"age"' in asked.body_for(entry(), body)["messages"][-1]["content"]
    grammar = asked.body_for(entry(capabilities=["grammar"]), body)["response_format"]["json_schema"]
    assert (grammar["strict"], grammar["schema"]) == (False, Person.model_json_schema())
    tools = asked.body_for(entry(capabilities=["tools"]), body)
    assert tools["tools"][0]["function"]["parameters"] == Person.model_json_schema()
    assert tools["tool_choice"] == {"type": "function", "function": {"name": "Person"}}
    assert tools["messages"] == ASKED
    prompt = asked.body_for(entry(capabilities=[]), body)
    assert prompt.keys() == body.keys()
    assert '"age"' in prompt["messages"][-1]["content"]
    assert body["messages"] == ASKED


def test_what_strict_mode_cannot_say_is_asked_for_all_the_same() -> None:
    said = form(Counts).body_for(entry("openai"), {"messages": ASKED})["response_format"]["json_schema"]
    assert (said["strict"], said["schema"]) == (False, Counts.model_json_schema())


def test_a_list_is_no_object() -> None:
    with pytest.raises(TypeError, match="is no JSON object"):
        form(RootModel[list[int]])


def test_names_are_what_providers_take() -> None:
    assert form(Page[int]).name == "Page_int_"


@pytest.mark.parametrize("way", WAYS)
def test_reserved_tokens_cover_every_way(way: Way) -> None:
    call = Call(Caller(Identity("t", "u"), "tests"), {"messages": ASKED}, form=form(Person))
    one = entry(capabilities=[way] if way != "prompt" else [])
    assert call.input_tokens >= input_tokens(call.body_for(one)) > input_tokens({"messages": ASKED})


def test_the_answer_is_shown_with_what_is_wrong() -> None:
    answer, wrong = asked_again("{}", ["name: Field required", "age: wrong"])
    assert answer == {"role": "assistant", "content": "{}"}
    assert "- name: Field required\n- age: wrong" in wrong["content"]
    assert asked_again("", ["x"])[0]["content"]
