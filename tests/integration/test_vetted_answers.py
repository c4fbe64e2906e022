"""What leaves the model door is vetted, whoever asks, streamed or whole."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from openai import AsyncOpenAI

from state.caller import Caller
from state.identity import Identity
from state.postgres.pool import connection
from tests.fixtures.gateway import deployment, endpoint, key_of
from tests.fixtures.guarding import events, policy_of, put_in_force, said
from tests.fixtures.model_server import ModelServer, Reply
from tools.guard.policy import choosing
from tools.models.door import chat_model
from tools.models.opened import door
from tools.passages import Passage, render

KEY = "ghp_x9K2mQ7vT4bN8cR1wZ5sL3jH6dF0gY2pA4eU"
ANSWER = f"The job runs at night. It signs in with {KEY} as it should. Ask the operators for more."
REDACTED = ANSWER.replace(KEY, "[github token withheld]")
SECRETS: dict[str, Any] = {"check": "secrets", "on": ["output"], "action": "redact"}
REFUSED = SECRETS | {"action": "refuse", "sentence": "A key may not leave."}
ASKED: Any = [{"role": "user", "content": "How does the job sign in?"}]
TOOL = {"type": "function", "function": {"name": "send", "parameters": {"type": "object"}}}


@pytest.fixture
async def url(
    pool: object, first: ModelServer, second: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    models = [deployment("first", first), deployment("second", second, input_price=10, output_price=20)]
    with pytest.MonkeyPatch.context() as patch:
        async with endpoint(models, tmp_path, patch) as address:
            yield address


@pytest.fixture
async def client(url: str, us: Identity) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=url, api_key=await key_of(us), max_retries=0) as made:
        yield made


async def streamed(client: AsyncOpenAI, **more: Any) -> list[Any]:
    stream = await client.chat.completions.create(model="best", messages=ASKED, stream=True, **more)
    return [chunk async for chunk in stream]


def texts(chunks: list[Any], index: int = 0) -> str:
    return "".join(
        choice.delta.content or "" for chunk in chunks for choice in chunk.choices if choice.index == index
    )


async def rows(us: Identity) -> list[dict[str, Any]]:
    await (await door()).admission.flush()
    async with connection() as session:
        cursor = await session.execute("SELECT * FROM calls WHERE tenant = %s", (us.tenant,))
        return await cursor.fetchall()


async def test_a_key_is_withheld_from_a_stream(
    client: AsyncOpenAI, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    chunks = await streamed(client, stream_options={"include_usage": True})
    assert texts(chunks) == REDACTED
    (ending,) = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    assert ending.choices[0].finish_reason == "stop"
    assert [one["action"] for one in ending.kairos["guard"]] == ["redact"]
    assert chunks[-1].usage.completion_tokens == len(ANSWER.split())
    (row,) = await rows(us)
    assert (row["status"], row["code"], row["output_tokens"]) == ("ok", "", len(ANSWER.split()))


async def test_however_the_model_cuts_it(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    for size in (1, 3, 7, 50, len(ANSWER)):
        pieces = [ANSWER[start : start + size] for start in range(0, len(ANSWER), size)]
        first.script(Reply(ANSWER, pieces=pieces))
        assert texts(await streamed(client)) == REDACTED


async def test_a_whole_answer_is_vetted_and_says_so(
    client: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS, explain=True))
    raw = await client.chat.completions.with_raw_response.create(model="best", messages=ASKED)
    assert raw.headers["x-kairos-guard"] == "redact:secret"
    answer: Any = raw.parse()
    assert answer.choices[0].message.content == REDACTED
    (verdict,) = answer.kairos["guard"]
    assert ANSWER[verdict["start"] : verdict["end"]] == KEY
    assert answer.usage.completion_tokens == len(ANSWER.split())


async def test_an_answer_that_breaks_no_rule_leaves_byte_by_byte(
    url: str, us: Identity, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    body = (
        b'{"id":"1", "choices":[{"index":0,  "message":{"role":"assistant","content":"Fine."},'
        b'"finish_reason":"stop","logprobs":{"content":[{"token":"Fine."}]}}]}'
    )
    first.script(Reply(body=body))
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {await key_of(us)}"}) as plain:
        answer = await plain.post(f"{url}/chat/completions", json={"model": "best", "messages": ASKED})
    assert answer.content == body


async def test_a_refused_stream_stops_and_nobody_else_is_asked(
    client: AsyncOpenAI,
    us: Identity,
    second: ModelServer,
    first: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_in_force(monkeypatch, policy_of(REFUSED))
    chunks = await streamed(client, stream_options={"include_usage": True})
    assert texts(chunks) == "The job runs at night. \n\n[Stopped: A key may not leave.]"
    assert [c.finish_reason for chunk in chunks for c in chunk.choices if c.finish_reason] == [
        "content_filter"
    ]
    assert chunks[-1].usage.completion_tokens > 0
    (row,) = await rows(us)
    assert (row["status"], row["code"], row["attempts"]) == ("ok", "content_filter", 1)
    assert row["output_tokens"] > 0
    assert not second.calls


async def test_a_model_whose_answer_is_stopped_need_not_write_on(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(REFUSED))
    first.script(Reply(pieces=[f"It is {KEY} then. ", *["And so it goes on. "] * 1000], between=0.01))
    async with asyncio.timeout(5):
        assert texts(await streamed(client)) == "[Stopped: A key may not leave.]"


async def test_a_refused_whole_answer(
    client: AsyncOpenAI, us: Identity, second: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(REFUSED))
    answer = await client.chat.completions.create(model="best", messages=ASKED)
    assert answer.choices[0].message.content == "The job runs at night. \n\n[Stopped: A key may not leave.]"
    assert answer.choices[0].finish_reason == "content_filter"
    (row,) = await rows(us)
    assert (row["status"], row["code"]) == ("ok", "content_filter")
    assert not second.calls


async def test_every_choice_is_vetted_for_itself(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(REFUSED))
    pieces = [[said(f"It is {KEY[:9]}"), said("All is ", index=1)]]
    pieces += [[said(f"{KEY[9:]} now. "), said("fine here. ", index=1)]]
    pieces += [[said("And on it goes.", index=1)], [said("", "stop"), said("", "stop", index=1)]]
    first.script(Reply(body=events(*pieces)))
    chunks = await streamed(client, n=2)
    assert texts(chunks) == "[Stopped: A key may not leave.]"
    assert texts(chunks, 1) == "All is fine here. And on it goes."
    finishes = {c.index: c.finish_reason for chunk in chunks for c in chunk.choices if c.finish_reason}
    assert finishes == {0: "content_filter", 1: "stop"}


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_what_a_model_thinks_is_vetted_too(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    thought = [
        [said("", None, 0, **{name: piece})] for piece in ("The key ", KEY[:11], KEY[11:], " is known.")
    ]
    first.script(Reply(body=events(*thought, [said("Done.", thinking_blocks=[KEY])], [said("", "stop")])))
    chunks = await streamed(client)
    deltas = [chunk.choices[0].delta.model_dump() for chunk in chunks if chunk.choices]
    assert "".join(one.get(name) or "" for one in deltas) == "The key [github token withheld] is known."
    assert KEY not in json.dumps(deltas)
    assert texts(chunks) == "Done."


def tool_calls(arguments: str) -> bytes:
    cut = [arguments[start : start + 5] for start in range(0, len(arguments), 5)]
    begin = {"index": 0, "id": "call-1", "type": "function", "function": {"name": "send", "arguments": ""}}
    more = [[said(tool_calls=[{"index": 0, "function": {"arguments": piece}}])] for piece in cut]
    return events([said("I will. ", tool_calls=[begin])], *more, [said("", "tool_calls")])


@pytest.mark.parametrize("escaped", [False, True])
async def test_nothing_hides_behind_a_key_that_comes_twice(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch, escaped: bool
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    value = "".join(f"\\u{ord(sign):04x}" for sign in KEY) if escaped else KEY
    first.script(Reply(body=tool_calls(f'{{"text": "{value}", "text": "fine"}}')))
    chunks = await streamed(client, tools=[TOOL])
    (call,) = [one for chunk in chunks for choice in chunk.choices for one in choice.delta.tool_calls or ()]
    assert value not in call.function.arguments
    assert json.loads(call.function.arguments) == {"text": "fine"}


@pytest.mark.parametrize("escaped", [False, True])
async def test_a_tool_call_leaves_whole_or_not_at_all(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch, escaped: bool
) -> None:
    value = "".join(f"\\u{ord(sign):04x}" for sign in KEY) if escaped else KEY
    first.script(Reply(body=tool_calls(f'{{"to": "bob", "text": "{value}"}}')))
    put_in_force(monkeypatch, policy_of(REFUSED))
    chunks = await streamed(client, tools=[TOOL])
    assert not any(choice.delta.tool_calls for chunk in chunks for choice in chunk.choices)
    assert texts(chunks).endswith("[Stopped: A key may not leave.]")

    put_in_force(monkeypatch, policy_of(SECRETS))
    chunks = await streamed(client, tools=[TOOL])
    (call,) = [one for chunk in chunks for choice in chunk.choices for one in choice.delta.tool_calls or ()]
    assert (call.id, call.function.name) == ("call-1", "send")
    assert json.loads(call.function.arguments) == {"to": "bob", "text": "[github token withheld]"}


async def test_a_harmless_tool_call_is_as_it_was(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(REFUSED))
    arguments = '{"to":  "bob", "n": 1.50}'
    first.script(Reply(body=tool_calls(arguments)))
    async with client.chat.completions.stream(model="best", messages=ASKED) as stream:
        final = await stream.get_final_completion()
    (call,) = final.choices[0].message.tool_calls or []
    assert call.function.arguments == arguments
    assert final.choices[0].finish_reason == "tool_calls"


async def test_log_probabilities_come_only_if_nothing_was_withheld(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    for word, left in (("word", True), (KEY, False)):
        probable = {"content": [{"token": word, "logprob": -0.1, "bytes": None, "top_logprobs": []}]}
        one = said(f"It is {word}. ") | {"logprobs": probable}
        first.script(Reply(body=events([one], [said("", "stop")])))
        chunks = await streamed(client, logprobs=True)
        found = [c.logprobs.content[0].token for chunk in chunks for c in chunk.choices if c.logprobs]
        assert found == ([word] if left else [])


async def test_an_answer_that_goes_on_elsewhere_is_vetted_as_one(
    client: AsyncOpenAI, first: ModelServer, second: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    begun = ["The job runs at night. ", "It signs in with ", KEY[:20]]
    first.script(Reply(pieces=[*begun, *begun], fault="cut"))
    second.script(Reply(KEY[20:] + " as it should."))
    chunks = await streamed(client)
    assert second.calls[0].body["messages"][1] == {"role": "assistant", "content": "".join(begun)}
    assert texts(chunks) == "The job runs at night. It signs in with [github token withheld] as it should."


async def test_without_a_policy_nothing_is_vetted(
    client: AsyncOpenAI, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    from state.errors import KairosError

    async def none(tenant: str, collection: str | None = None) -> Any:
        raise KairosError("guards_invalid", "There is no policy.")

    monkeypatch.setattr(choosing, "policy_for", none)
    for stream in (False, True):
        with pytest.raises(openai.InternalServerError, match="There is no policy"):
            await client.chat.completions.create(model="best", messages=ASKED, stream=stream)
    assert {(row["status"], row["code"]) for row in await rows(us)} == {("failed", "guards_invalid")}


async def test_the_chat_model_of_nodes_is_vetted(
    url: str, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS))
    model = await chat_model("answer", Caller(us, "tests"), "first")
    message = await model.ainvoke([HumanMessage("How?")])
    assert message.text == REDACTED
    (verdict,) = message.response_metadata["guard"]
    assert (verdict["check"], verdict["action"]) == ("secrets", "redact")
    whole = AIMessageChunk(content="")
    async for chunk in model.astream([HumanMessage("How?")]):
        assert isinstance(chunk, AIMessageChunk)
        assert KEY[:8] not in str(chunk.text)
        whole += chunk
    assert whole.text == REDACTED
    assert [one["check"] for one in whole.response_metadata["guard"]] == ["secrets"]


async def test_the_messages_stream_of_a_graph_is_vetted(
    url: str, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(REFUSED))

    async def answer(state: MessagesState) -> dict[str, Any]:
        model = await chat_model("answer", Caller(us, "tests"), "first")
        return {"messages": [await model.ainvoke(state["messages"])]}

    machine = StateGraph(MessagesState).add_node("answer", answer)
    graph: Any = machine.add_edge(START, "answer").add_edge("answer", END).compile()
    found = [piece async for piece, _ in graph.astream({"messages": ASKED}, stream_mode="messages")]
    assert len(found) > 1
    assert "".join(str(piece.text) for piece in found) == (
        "The job runs at night. \n\n[Stopped: A key may not leave.]"
    )


async def test_the_model_that_quotes_is_vetted(
    pool: object, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"The night job signs in with the key {KEY} on weekdays."
    block = render([Passage("1", "job.md", "Job", text, 0, None, (), 1.0)], "m4rk")
    asked = [HumanMessage(block), HumanMessage("With which key does the night job sign in?")]
    model = await chat_model("answer", Caller(us, "tests"), "extractive")
    put_in_force(monkeypatch, policy_of(SECRETS | {"on": ["input"]}))
    assert KEY in (await model.ainvoke(asked)).text
    for rules in ([SECRETS], [SECRETS | {"on": ["passage"]}]):
        put_in_force(monkeypatch, policy_of(*rules))
        message = await model.ainvoke(asked)
        assert "night job signs in with the key [github token withheld]" in message.text
        pieces = [str(piece.text) async for piece in model.astream(asked)]
        assert "".join(pieces) == message.text
        assert len(pieces) > 5
