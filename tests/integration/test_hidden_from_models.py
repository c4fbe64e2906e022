"""Models outside see placeholders for personal data; who asked gets the values back."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from state.identity import Identity
from tests.fixtures.gateway import deployment, endpoint, key_of
from tests.fixtures.guarding import events, policy_of, put_in_force, said
from tests.fixtures.model_server import ModelServer, Reply
from tools.passages import Passage, render

ANSWER = "ok"
MAIL, OTHER = "ann.miller@example.org", "bob.stone@example.org"
KEY = "ghp_x9K2mQ7vT4bN8cR1wZ5sL3jH6dF0gY2pA4eU"
HIDES: dict[str, Any] = {
    "check": "personal_data",
    "on": ["input", "passage", "tool"],
    "action": "redact",
    "options": {"types": ["EMAIL", "CARD"]},
}
ASKED: Any = [{"role": "user", "content": f"Write to {MAIL}, please."}]


@pytest.fixture
async def url(pool: object, first: ModelServer, second: ModelServer, tmp_path: Path) -> AsyncIterator[str]:
    models = [
        deployment("outside", first, serves=["best", "mixed"]),
        deployment("another", second, serves=["best"], input_price=5),
        deployment("house", second, serves=["mixed"], input_price=5, local=True),
    ]
    with pytest.MonkeyPatch.context() as patch:
        async with endpoint(models, tmp_path, patch) as address:
            yield address


@pytest.fixture
async def client(url: str, us: Identity, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncOpenAI]:
    put_in_force(monkeypatch, policy_of(HIDES))
    async with AsyncOpenAI(base_url=url, api_key=await key_of(us), max_retries=0) as made:
        yield made


async def both(client: AsyncOpenAI, messages: Any = ASKED, model: str = "best") -> list[str]:
    """The answer, whole and streamed."""
    whole = await client.chat.completions.create(model=model, messages=messages)
    stream = await client.chat.completions.create(model=model, messages=messages, stream=True)
    chunks = [chunk async for chunk in stream]
    pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    return [whole.choices[0].message.content or "", "".join(pieces)]


def echo(body: dict[str, Any]) -> str:
    return "I wrote to " + str(body["messages"][-1]["content"]).removeprefix("Write to ")


def letters(text: Callable[[dict[str, Any]], str]) -> Reply:
    """An answer in the smallest pieces."""
    return Reply(text, pieces=text({"messages": [{"content": "Write to [EMAIL_1], please."}]}))


async def test_a_model_outside_sees_placeholders_and_the_asker_the_values(
    client: AsyncOpenAI, first: ModelServer
) -> None:
    first.script(letters(echo))
    assert await both(client) == [f"I wrote to {MAIL}, please."] * 2
    for call in first.calls:
        assert call.body["messages"] == [{"role": "user", "content": "Write to [EMAIL_1], please."}]


async def test_all_messages_have_the_same_placeholders(client: AsyncOpenAI, first: ModelServer) -> None:
    block = render([Passage("1", "d", f"About {OTHER}", f"Ask {OTHER} & co.", 0, None, (), 1.0)], "m4rk")
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": json.dumps({"to": [MAIL]})}}
    messages: Any = [
        {"role": "system", "content": f"Keep {MAIL} informed.\n{block}"},
        {"role": "user", "content": [{"type": "text", "text": f"Who is {OTHER}?"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": f"{MAIL} and {OTHER}"},
        {"role": "user", "content": f"And {MAIL}?"},
    ]
    await both(client, messages)
    seen = first.calls[0].body["messages"]
    assert seen[0]["content"].startswith(f"Keep {MAIL} informed.")  # the application's own words
    assert 'title="About [EMAIL_1]"' in seen[0]["content"]
    assert "Ask [EMAIL_1] &amp; co." in seen[0]["content"]
    assert seen[1]["content"][0]["text"] == "Who is [EMAIL_1]?"
    assert json.loads(seen[2]["tool_calls"][0]["function"]["arguments"]) == {"to": ["[EMAIL_2]"]}
    assert seen[3]["content"] == "[EMAIL_2] and [EMAIL_1]"
    assert seen[4]["content"] == "And [EMAIL_2]?"


async def test_tool_calls_carry_the_values(client: AsyncOpenAI, first: ModelServer) -> None:
    arguments = '{"to": "[EMAIL_1]"}'
    for size in (1, 4, 100):
        cut = [arguments[start : start + size] for start in range(0, len(arguments), size)]
        pieces = [[said(tool_calls=[{"index": 0, "function": {"arguments": piece}}])] for piece in cut]
        begin = {"index": 0, "id": "1", "type": "function", "function": {"name": "send"}}
        first.script(Reply(body=events([said(tool_calls=[begin])], *pieces, [said("", "tool_calls")])))
        async with client.chat.completions.stream(model="best", messages=ASKED) as stream:
            final = await stream.get_final_completion()
        (call,) = final.choices[0].message.tool_calls or []
        assert json.loads(call.function.arguments) == {"to": MAIL}


async def test_a_forged_placeholder_stays_theirs_and_one_made_up_is_flagged(
    client: AsyncOpenAI, first: ModelServer
) -> None:
    forged: Any = [{"role": "user", "content": f"Write to [EMAIL_1] and {MAIL}."}]
    first.script(Reply("To [EMAIL_1], [EMAIL_2] and [EMAIL_3]."))
    assert await both(client, forged) == [f"To [EMAIL_1], {MAIL} and [EMAIL_3]."] * 2
    assert first.calls[0].body["messages"][0]["content"] == "Write to [EMAIL_1] and [EMAIL_2]."
    raw = await client.chat.completions.with_raw_response.create(model="best", messages=forged)
    assert raw.headers["x-kairos-guard"] == "flag:placeholder_unknown"


async def test_a_model_of_the_house_sees_the_values(client: AsyncOpenAI, second: ModelServer) -> None:
    second.script(Reply(echo))
    assert await both(client, model="house") == [f"I wrote to {MAIL}, please."] * 2
    assert second.calls[0].body["messages"] == ASKED


async def test_values_that_are_not_restored_are_hidden_from_all_models(
    client: AsyncOpenAI, second: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(HIDES | {"restore": False}))
    second.script(Reply(echo))
    assert await both(client, model="house") == ["I wrote to [EMAIL_1], please."] * 2


async def test_secrets_are_gone_for_good(
    client: AsyncOpenAI, second: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {"check": "secrets", "on": ["input", "tool"], "action": "redact"}
    put_in_force(monkeypatch, policy_of(HIDES, secrets))
    second.script(Reply(echo))
    asked: Any = [{"role": "user", "content": f"Write to {MAIL} with {KEY} now."}]
    assert await both(client, asked, "house") == [f"I wrote to {MAIL} with [github token withheld] now."] * 2


@pytest.mark.parametrize("model", ["mixed", "best"])
async def test_an_answer_that_goes_on_elsewhere_keeps_its_values(
    client: AsyncOpenAI, first: ModelServer, second: ModelServer, model: str
) -> None:
    first.script(
        Reply(pieces=["I wrote ", "to [EMA", "IL_1] ", "and", "never", "more", "come", "s"], fault="cut")
    )
    second.script(Reply("then rested."))
    stream = await client.chat.completions.create(model=model, messages=ASKED, stream=True)
    text = "".join([c.delta.content or "" async for chunk in stream for c in chunk.choices])
    assert text == f"I wrote to {MAIL} andthen rested."
    known = MAIL if model == "mixed" else "[EMAIL_1]"
    assert second.calls[0].body["messages"][:2] == [
        {"role": "user", "content": f"Write to {known}, please."},
        {"role": "assistant", "content": f"I wrote to {known} and"},
    ]


async def test_restored_values_are_vetted_like_everything_else(
    client: AsyncOpenAI, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = HIDES | {"on": ["output"]}
    first.script(letters(echo))
    put_in_force(monkeypatch, policy_of(HIDES, out))
    assert await both(client) == ["I wrote to [email withheld], please."] * 2
    put_in_force(monkeypatch, policy_of(HIDES, out | {"options": {"types": ["EMAIL"], "unless_given": True}}))
    assert await both(client) == [f"I wrote to {MAIL}, please."] * 2


async def test_a_text_that_cannot_be_checked_is_sent_to_nobody(
    client: AsyncOpenAI, first: ModelServer, second: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openai

    from tools.guard.pii import detect

    def broken() -> Any:
        raise ValueError(MAIL)

    monkeypatch.setattr(detect, "detector", broken)
    put_in_force(monkeypatch, policy_of(HIDES, name="broken"))
    with pytest.raises(openai.InternalServerError, match="could not be checked") as caught:
        await client.chat.completions.create(model="best", messages=ASKED)
    assert MAIL not in str(caught.value)
    assert not first.calls
    assert not second.calls
