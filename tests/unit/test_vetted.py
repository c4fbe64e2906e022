"""Answers of upstreams that keep to no form are vetted all the same."""

from typing import Any

import pytest

from tests.fixtures.guarding import policy_of
from tools.guard.check import About
from tools.models.vetted import Vetted

KEY = "ghp_x9K2mQ7vT4bN8cR1wZ5sL3jH6dF0gY2pA4eU"
SECRETS = {"check": "secrets", "on": ["output"], "action": "redact"}

DELTAS: list[Any] = [
    None,
    {},
    {"role": 7},
    {"content": None},
    {"content": 7},
    {"content": [{"type": "text", "text": f"It is {KEY}."}, None]},
    {"content": f"It is {KEY}.", "thinking": KEY, "annotations": [KEY]},
    {"reasoning": f"It is {KEY}.", "reasoning_details": [{"text": KEY}]},
    {"refusal": f"It is {KEY}."},
    {"tool_calls": KEY},
    {"tool_calls": [None, KEY, {}, {"function": KEY}, {"index": "a", "function": {"name": KEY}}]},
    {"tool_calls": [{"function": {"name": "f", "arguments": {"a": KEY}}}]},
    {"tool_calls": [{"function": {"name": "f", "arguments": f"no JSON {KEY}"}}]},
    {"function_call": {"name": "f", "arguments": f'{{"a": "{KEY}"}}'}},
    {"function_call": KEY},
]


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("index", [0, None, "a", -1])
async def test_no_key_leaves_in_whatever_form(delta: Any, index: Any) -> None:
    envelope = {"id": "1", "model": "m", "citations": [KEY], "usage": {"prompt_tokens": 1}}
    choice = {"index": index, "delta": delta, "finish_reason": None, "logprobs": [KEY], "extra": KEY}
    streamed = Vetted(policy_of(SECRETS), About(), 1)
    found = [await streamed.chunk({**envelope, "choices": [choice]}), await streamed.end()]
    assert KEY not in repr(found)
    whole = {**envelope, "choices": [{**choice, "delta": None, "message": delta}] * 2}
    left = await Vetted(policy_of(SECRETS), About(), 1).whole(whole)
    if delta is not None and KEY in repr(delta):
        assert left is not None
        assert KEY not in repr(left)
        assert left["usage"] == {"prompt_tokens": 1}


async def test_what_comes_after_the_end_does_not_leave() -> None:
    vetted = Vetted(policy_of(SECRETS), About(), 1)
    first = {"index": 0, "delta": {"content": "Fine."}, "finish_reason": "stop"}
    later = {"index": 0, "delta": {"content": f"{KEY}"}, "finish_reason": None}
    sent = await vetted.chunk({"choices": [first]})
    assert sent is not None
    assert sent["choices"][0]["delta"]["content"] == "Fine."
    assert await vetted.chunk({"choices": [later]}) is None
    assert await vetted.end() is None


async def test_a_tool_call_that_redaction_would_break_is_refused() -> None:
    arguments = f'{{"text": "-----BEGIN RSA PRIVATE KEY-----{"A1b2C3d4" * 9}"}}'
    call = {"index": 0, "function": {"name": "f", "arguments": arguments}}
    vetted = Vetted(policy_of(SECRETS), About(), 1)
    sent = await vetted.chunk({"choices": [{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]})
    assert sent is not None
    (choice,) = sent["choices"]
    assert choice["finish_reason"] == "content_filter"
    assert "tool_calls" not in choice["delta"]
    assert vetted.is_stopped


async def test_what_providers_add_stays_if_it_breaks_no_rule() -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Fine."}, "finish_reason": "stop"}
    for added, stays in (("https://example.org", True), (f"key {KEY}", False)):
        for data in ({"citations": [added], "choices": [choice]}, {"choices": [choice | {"more": added}]}):
            left = await Vetted(policy_of(SECRETS), About(), 1).whole(data)
            assert (left is None) == stays
            assert stays or KEY not in repr(left)
