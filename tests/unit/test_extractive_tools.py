"""The extractive model with tools: calls, questions, refusals, and what came of calls."""

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from state.provenance import Origin
from tests.fixtures.office_tools import ALL
from tools.models.extractive import ExtractiveChatModel
from tools.provenance.spotlight import new_mark, spotlight

DECLARED = [
    {
        "type": "function",
        "function": {
            "name": tool.name.replace(".", "__"),
            "description": tool.description,
            "parameters": dict(tool.parameters),
        },
    }
    for tool in ALL
]


async def said(*messages: BaseMessage) -> AIMessage:
    model = ExtractiveChatModel().bind_tools(DECLARED)
    message = await model.ainvoke([SystemMessage("Act."), *messages])
    assert isinstance(message, AIMessage)
    return message


async def test_a_fitting_tool_is_called_and_said_to_be_guessed() -> None:
    message = await said(HumanMessage("Close ticket 451"))
    ((name, arguments),) = [(call["name"], call["args"]) for call in message.tool_calls]
    assert (name, arguments) == ("office__close_ticket", {"ticket": 451})
    assert message.response_metadata["guessed"]
    assert message.response_metadata["model_name"] == "extractive"


async def test_a_sum_goes_to_the_calculator() -> None:
    (call,) = (await said(HumanMessage("What is 17 % of 340?"))).tool_calls
    assert call["name"] == "builtin__calculator"
    assert call["args"] == {"expression": "340 * 17 / 100"}


async def test_what_is_missing_is_asked_for_and_completed() -> None:
    task = HumanMessage("Send an e-mail to kim@example.org saying that I am late")
    asks = await said(task)
    assert str(asks.text) == "To use office.send_mail: what is the subject?"
    assert not asks.tool_calls
    (call,) = (await said(task, asks, HumanMessage("Apologies"))).tool_calls
    assert call["args"] == {"to": "kim@example.org", "subject": "Apologies", "body": "I am late"}


async def test_another_task_may_come_instead_of_an_answer() -> None:
    task = HumanMessage("Send an e-mail to kim@example.org saying that I am late")
    (call,) = (await said(task, await said(task), HumanMessage("Close ticket 7"))).tool_calls
    assert call["name"] == "office__close_ticket"


@pytest.mark.parametrize(
    "nonsense", ["Blah blub frobnicate", "Paint the fence green", "", "Why is the sky blue?"]
)
async def test_where_nothing_fits_nothing_is_called(nonsense: str) -> None:
    message = await said(HumanMessage(nonsense))
    assert not message.tool_calls
    assert "guessed" not in message.response_metadata
    assert str(message.text).startswith("None of my tools fits")


async def test_results_are_told_without_their_tags() -> None:
    called = AIMessage("", tool_calls=[{"name": "office__close_ticket", "args": {"ticket": 1}, "id": "a"}])
    origin = Origin(kind="tool", name="office.close_ticket", trusted=False)
    result = ToolMessage(spotlight("Closed: 1 < 2 & done.", origin, new_mark()), tool_call_id="a")
    message = await said(HumanMessage("Close ticket 1"), called, result)
    assert str(message.text) == "office.close_ticket: Closed: 1 < 2 & done."
    assert not message.tool_calls


async def test_records_are_told_as_people_write_them() -> None:
    called = AIMessage("", tool_calls=[{"name": "office__leave_balance", "args": {}, "id": "a"}])
    result = ToolMessage('{"left": 21, "person": "Zoë"}', tool_call_id="a")
    message = await said(HumanMessage("How much leave is left?"), called, result)
    assert str(message.text) == "office.leave_balance:\nleft: 21\nperson: Zoë"
    result = ToolMessage("{no record", tool_call_id="a")
    message = await said(HumanMessage("How much leave is left?"), called, result)
    assert str(message.text) == "office.leave_balance: {no record"


async def test_a_call_that_was_not_made_says_why() -> None:
    called = AIMessage("", tool_calls=[{"name": "office__close_ticket", "args": {"ticket": 1}, "id": "a"}])
    result = ToolMessage("Not done. kim did not approve it.", tool_call_id="a", status="error")
    message = await said(HumanMessage("Close ticket 1"), called, result)
    assert str(message.text) == "office.close_ticket: Not done. kim did not approve it."


async def test_streamed_it_is_the_same_call() -> None:
    model = ExtractiveChatModel().bind_tools(DECLARED)
    whole: AIMessageChunk | None = None
    async for chunk in model.astream([HumanMessage("Close ticket 451")]):
        assert isinstance(chunk, AIMessageChunk)
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    assert [call["args"] for call in whole.tool_calls] == [{"ticket": 451}]
    assert whole.response_metadata["guessed"]
