"""The careful way: one call of a model for further queries where the first hits are weak, and none without need."""

from typing import Any
from uuid import uuid4

import pytest

from app.local import configure, stream
from graphs.assistant import build
from nodes import deepen
from state.context import Context
from tests.fixtures.model_server import ModelServer, Reply
from tests.integration.test_assistant import ASKER, ask, indexed, model  # noqa: F401 - fixtures
from tools.passages import NOT_FOUND

LEAVE = Reply("Employees have 27 days of paid leave a year. [1]")
DOGS = Reply("Dogs are welcome in the Leeds office on Wednesdays. [1]")


async def ask_carefully(question: str) -> dict[str, Any]:
    state: dict[str, Any] = {}
    config = configure(ASKER, str(uuid4()))
    async for mode, event in stream(build(), {"question": question}, config, Context(depth="careful")):
        if mode == "values":
            state = event
    return state


async def test_a_clear_question_takes_the_short_way(model: ModelServer) -> None:  # noqa: F811
    model.script(LEAVE)
    plan = (await ask("How many days of paid leave do employees have?"))["plan"]
    assert len(model.calls) == 1
    assert (plan["way"], plan["why"]) == ("short", "The question is clear: one search.")
    assert [query["reason"] for query in plan["queries"]] == ["the question"]


async def test_a_weak_first_search_has_further_queries(model: ModelServer) -> None:  # noqa: F811
    model.script(Reply("dogs in the office\n2. pets at work"), DOGS)
    state = await ask("Can I bring my poodle?")
    assert len(model.calls) == 2
    plan = state["plan"]
    assert plan["way"] == "careful"
    assert "far from the question" in plan["why"]
    texts = [query["text"] for query in plan["queries"]]
    assert texts == ["Can I bring my poodle?", "dogs in the office", "pets at work"]
    assert plan["queries"][1]["reason"] == "the question in other words (multi-query)"
    assert state["citations"][0]["document"] == "dogs.md"
    assert state["usage"]["input_tokens"] > 0


async def test_a_careful_search_may_be_asked_for(model: ModelServer) -> None:  # noqa: F811
    model.script(Reply("leave of employees\nleave of contractors"), LEAVE)
    plan = (await ask_carefully("Do employees have more days of paid leave than contractors?"))["plan"]
    assert plan["why"] == "A careful search was asked for."
    assert {query["reason"] for query in plan["queries"][1:]} == {"a part of the question (decomposition)"}


@pytest.mark.parametrize(
    "reply", [Reply(status=401), Reply(""), Reply(body=b"{"), Reply("late", latency=5.0), Reply("?!\n-\n")]
)
async def test_without_the_model_the_plain_question_stands(
    model: ModelServer,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    reply: Reply,
) -> None:
    monkeypatch.setattr(deepen, "LIMIT_S", 1.0)
    model.script(reply, LEAVE)
    state = await ask_carefully("How many days of paid leave do employees have?")
    assert "27 days" in state["answer"]
    assert len(state["plan"]["queries"]) == 1


async def test_without_any_model_a_careful_search_says_so(indexed: None) -> None:  # noqa: F811
    state = await ask_carefully("How many days of paid leave do employees have?")
    assert "27 days" in state["answer"]
    assert state["plan"]["why"].endswith("No model is there to write further queries.")


async def test_a_misspelt_question_is_answered_and_the_plan_says_how(indexed: None) -> None:  # noqa: F811
    state = await ask("How many days of paid leave do employes and contarctors have?")
    assert {"typed": "contarctors", "meant": "contractors"} in state["plan"]["corrections"]
    assert "27 days" in state["answer"] or "5 days" in state["answer"]
    assert state["question"] == "How many days of paid leave do employes and contarctors have?"


async def test_a_plan_of_an_earlier_turn_is_gone(indexed: None) -> None:  # noqa: F811
    thread = str(uuid4())
    await ask("How many days of paid leave do contarctors have?", thread=thread)
    state = await ask("On which day are dogs welcome in Leeds?", thread=thread)
    assert state["plan"]["corrections"] == []
    assert NOT_FOUND not in state["answer"]
