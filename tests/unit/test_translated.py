"""Requests of the OpenAI protocol at LangChain's chat models."""

from typing import Any

import orjson
import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from pydantic import Field

from tools.models.entry import Entry
from tools.models.faults import UpstreamError
from tools.models.translated import whole

ENTRY = Entry(name="a", provider="anthropic", model="a")
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
BODY: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}


class Model(FakeListChatModel):
    """Notes what is bound."""

    bound: list[dict[str, Any]] = Field(default_factory=list)

    def bind_tools(self, tools: Any, **given: Any) -> Any:
        self.bound.append(given)
        return self


@pytest.mark.parametrize(
    ("given", "bound"),
    [
        ({"type": "function", "function": {"name": "look"}}, {"tool_choice": "look"}),
        ("required", {"tool_choice": "any"}),
        ("auto", {"tool_choice": "auto"}),
        (None, {}),
    ],
)
async def test_a_tool_choice_is_said_in_langchains_words(given: Any, bound: dict[str, str]) -> None:
    model = Model(responses=["Hello"])
    answer = orjson.loads(await whole(model, ENTRY, BODY | {"tools": [TOOL], "tool_choice": given}))
    assert answer["choices"][0]["message"]["content"] == "Hello"
    assert model.bound == [bound]


async def test_tools_that_a_package_does_not_take_are_a_refusal() -> None:
    with pytest.raises(UpstreamError) as failure:
        await whole(FakeListChatModel(responses=["Hello"]), ENTRY, BODY | {"tools": [TOOL]})
    assert failure.value.kind == "refused"
