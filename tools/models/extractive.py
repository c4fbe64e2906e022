"""The model that needs no model: it quotes the best sentences of the passages it is given."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    convert_to_messages,
    convert_to_openai_messages,
)
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from typing_extensions import override

from state.caller import Caller
from tools.models.call import Call
from tools.models.entry import Entry
from tools.models.guards import guards_of
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

    What leaves is vetted by the caller's policy; the verdicts stand in `response_metadata` as `guard`.
    """

    caller: Caller | None = None
    canary: str = ""

    @property
    @override
    def _llm_type(self) -> str:
        return NAME

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text, about = await self._said(messages, stop)
        message = AIMessage(text, response_metadata=about, usage_metadata=_usage(messages, text))
        return ChatResult(generations=[ChatGeneration(message=message)])

    @override
    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        text, about = await self._said(messages, stop)
        for word in _WORD.findall(text):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=word))
            if run_manager:
                await run_manager.on_llm_new_token(word, chunk=chunk)
            yield chunk
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                response_metadata=about,
                usage_metadata=_usage(messages, text),
                chunk_position="last",
            )
        )

    async def _said(
        self, messages: Sequence[BaseMessage], stop: Sequence[str] | None
    ) -> tuple[str, dict[str, Any]]:
        """What may leave of the answer, and what is known of it."""
        if self.caller is None:  # whoever asks is the door itself
            return _cut(await _answer(messages), stop), ABOUT
        call = Call(self.caller, {"messages": convert_to_openai_messages(messages)}, canary=self.canary)
        if (guards := await guards_of(call)) is None:
            return _cut(await _answer(messages), stop), ABOUT
        shown = (await guards.shown_to(ENTRY, call)).body["messages"]
        text = _cut(await _answer(convert_to_messages(shown)), stop)
        choice = {"message": {"content": text}, "finish_reason": "stop"}
        left = (await guards.answered(ENTRY, {"choices": [choice]}))["choices"][0]
        about = {"finish_reason": left["finish_reason"], "guard": guards.verdicts}
        return left["message"]["content"], ABOUT | about

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return asyncio.run(self._agenerate(messages, stop))


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
