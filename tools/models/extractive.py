"""The model that needs no model: it quotes the best sentences of the passages it is given."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    convert_to_messages,
    convert_to_openai_messages,
)
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from typing_extensions import override

from state.caller import Caller
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.guards import guards_of
from tools.models.guessed import Turn, next_turn
from tools.passages import NOT_FOUND, Passage, parse, without_passages
from tools.reading.answer import answer
from tools.standalone import standalone

NAME = "extractive"
ABOUT = {"model_name": NAME, "cost": 0.0}
ENTRY = Entry.model_validate({"name": NAME, "provider": "extractive"})
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\S+\s*")


class ExtractiveChatModel(BaseChatModel):
    """Answers the last human message from the passages in the messages; tokens are words and marks.

    What leaves is vetted by the caller's policy; the verdicts stand in `response_metadata` as `guard`. With tools bound
    it guesses at the call that the message asks for; `response_metadata` then says `guessed`.
    """

    caller: Caller | None = None
    canary: str = ""

    @property
    @override
    def _llm_type(self) -> str:
        return NAME

    @override
    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Tools in any form that LangChain knows."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        turn, about = await self._said(messages, stop, kwargs)
        chunk = AIMessageChunk(content=turn.text, tool_call_chunks=list(turn.calls))
        message = AIMessage(
            turn.text,
            tool_calls=chunk.tool_calls,
            response_metadata=about,
            usage_metadata=_usage(messages, turn.text),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    @override
    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        turn, about = await self._said(messages, stop, kwargs)
        for word in _WORD.findall(turn.text):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=word))
            if run_manager:
                await run_manager.on_llm_new_token(word, chunk=chunk)
            yield chunk
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                tool_call_chunks=list(turn.calls),
                response_metadata=about,
                usage_metadata=_usage(messages, turn.text),
                chunk_position="last",
            )
        )

    async def _said(
        self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, bound: Mapping[str, Any]
    ) -> tuple[Turn, dict[str, Any]]:
        """What may leave of the answer, and what is known of it."""
        if self.caller is None:  # whoever asks is the door itself
            return _known(await _turn(messages, stop, bound))
        call = Call(self.caller, {"messages": convert_to_openai_messages(messages)}, canary=self.canary)
        if (guards := await guards_of(call)) is None:
            return _known(await _turn(messages, stop, bound))
        shown = (await guards.shown_to(ENTRY, call)).body["messages"]
        turn = await _turn(convert_to_messages(shown), stop, bound)
        left = (await guards.answered(ENTRY, {"choices": [_choice(turn)]}))["choices"][0]
        vetted, about = _known(_left(left["message"]))
        return vetted, about | {"finish_reason": left["finish_reason"], "guard": guards.verdicts}

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return asyncio.run(self._agenerate(messages, stop))


async def _turn(
    messages: Sequence[BaseMessage], stop: Sequence[str] | None, bound: Mapping[str, Any]
) -> Turn:
    """Calls or words where tools are bound, else an answer from the passages."""
    if "tools" in bound and bound.get("tool_choice") != "none":
        turn = await next_turn(messages, bound["tools"])
        return Turn(_cut(turn.text, stop), turn.calls)
    return Turn(_cut(await _answer(messages), stop))


def _known(turn: Turn) -> tuple[Turn, dict[str, Any]]:
    return turn, {**ABOUT, "guessed": True} if turn.calls else dict(ABOUT)


def _choice(turn: Turn) -> dict[str, Any]:
    """The turn in the OpenAI protocol, as the guards read it."""
    calls = [
        {
            "index": call["index"],
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": call["args"]},
        }
        for call in turn.calls
    ]
    message = {"content": turn.text} | ({"tool_calls": calls} if calls else {})
    return {"message": message, "finish_reason": "tool_calls" if calls else "stop"}


def _left(message: Mapping[str, Any]) -> Turn:
    calls = [
        ToolCallChunk(
            name=call["function"]["name"],
            args=call["function"]["arguments"],
            id=call["id"],
            index=index,
            type="tool_call_chunk",
        )
        for index, call in enumerate(message.get("tool_calls") or ())
    ]
    return Turn(message.get("content") or "", calls)


async def _answer(messages: Sequence[BaseMessage]) -> str:
    question, passages = _asked(messages)
    return await answer(question, passages) if passages else NOT_FOUND


def _asked(messages: Sequence[BaseMessage]) -> tuple[str, list[Passage]]:
    """The last human message that says something, made standalone, and the last block of passages."""
    passages: list[Passage] = []
    turns: list[tuple[str, str]] = []
    for message in messages:
        text = str(message.text)
        passages = parse(text) or passages
        plain = without_passages(text)
        if plain and message.type in ("human", "ai"):
            turns.append(("user" if message.type == "human" else "assistant", plain))
    while turns and turns[-1][0] != "user":
        turns.pop()
    return (standalone(turns[-1][1], turns[:-1]) if turns else ""), passages


def _cut(text: str, stop: Sequence[str] | None) -> str:
    """The text before the first stop word."""
    return min((text.split(word, 1)[0] for word in stop or () if word), key=len, default=text)


def _usage(messages: Sequence[BaseMessage], text: str) -> UsageMetadata:
    given = sum(len(_TOKEN.findall(str(message.text))) for message in messages)
    written = len(_TOKEN.findall(text))
    return UsageMetadata(input_tokens=given, output_tokens=written, total_tokens=given + written)
