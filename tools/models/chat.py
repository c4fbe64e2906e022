"""The chat model that nodes get: every call of it goes through the door."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from typing_extensions import override

from state.caller import Caller
from tools.models.call import Call
from tools.models.call_arguments import CallArguments
from tools.models.governed import Governed
from tools.models.opened import door
from tools.models.spent import Usage


class GovernedChatModel(BaseChatModel):
    """Asks whichever deployment serves the role. `response_metadata` names it, and the cost in US dollars.

    Its answers are vetted, streamed or whole; the verdicts stand there too, as `guard`. `canary`: a word of the prompt
    that must not come out.

    Raises KairosError: model_…, budget_exceeded, rate_limited, limits_unavailable.
    """

    caller: Caller
    role: str
    asked: str | None = None
    prompt_hash: str = ""
    canary: str = ""

    @property
    @override
    def _llm_type(self) -> str:
        return "kairos"

    @override
    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Tools in any form that LangChain knows; `tool_choice`: "auto", "none", "required" or a tool's name."""
        if isinstance(tool_choice, str) and tool_choice not in ("auto", "none", "required"):
            tool_choice = {"type": "function", "function": {"name": tool_choice}}
        chosen = {"tool_choice": tool_choice} if tool_choice else {}
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **chosen, **kwargs)

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        governed = await self._governed(messages, stop, kwargs)
        data = orjson.loads(await governed.whole())
        choice = data["choices"][0]
        arguments = CallArguments()
        arguments.take(choice["message"])
        message = _message(
            choice["message"], _about(governed, choice.get("finish_reason"), arguments), _usage(governed)
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
        governed = await self._governed(messages, stop, {**kwargs, "stream": True})
        finish, arguments = None, CallArguments()
        async for chunk in governed.stream():
            for choice in (chunk.data or {}).get("choices", ())[:1]:
                finish = choice.get("finish_reason") or finish
                arguments.take(choice.get("delta") or {})
                piece = ChatGenerationChunk(message=_piece(choice.get("delta") or {}))
                if run_manager:
                    await run_manager.on_llm_new_token(piece.text, chunk=piece)
                yield piece
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                response_metadata=_about(governed, finish, arguments),
                usage_metadata=_usage(governed),
                chunk_position="last",
            )
        )

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("Kairos is asynchronous: use ainvoke or astream.")

    async def _governed(
        self, messages: Sequence[BaseMessage], stop: list[str] | None, more: Mapping[str, Any]
    ) -> Governed:
        body: dict[str, Any] = {"messages": convert_to_openai_messages(messages), **more}
        if stop:
            body["stop"] = stop
        call = Call(
            self.caller,
            body,
            asked=self.asked,
            role=self.role,
            prompt_hash=self.prompt_hash,
            canary=self.canary,
        )
        return Governed(await door(), call)


def _message(given: Mapping[str, Any], about: dict[str, Any], usage: UsageMetadata) -> AIMessage:
    chunk = _piece(given)
    return AIMessage(
        content=chunk.content,
        tool_calls=chunk.tool_calls,
        invalid_tool_calls=chunk.invalid_tool_calls,
        response_metadata=about,
        usage_metadata=usage,
    )


def _piece(delta: Mapping[str, Any]) -> AIMessageChunk:
    calls = [
        {
            "name": (call.get("function") or {}).get("name"),
            "args": (call.get("function") or {}).get("arguments"),
            "id": call.get("id"),
            "index": call.get("index", number),
            "type": "tool_call_chunk",
        }
        for number, call in enumerate(delta.get("tool_calls") or ())
    ]
    return AIMessageChunk(content=delta.get("content") or "", tool_call_chunks=calls)


def _about(governed: Governed, finish: str | None, arguments: CallArguments) -> dict[str, Any]:
    nano, names = governed.reservation.nano_usd, governed.failover.attempts.made
    return {
        "model_provider": "kairos",
        "model_name": names[-1][0] if names else "",
        "finish_reason": finish,
        "cost": None if nano is None else nano / 1e9,
        "attempts": len(names),
        "broken_calls": arguments.broken,
        "guard": governed.guards.verdicts if governed.guards else [],
    }


def _usage(governed: Governed) -> UsageMetadata:
    used: Usage = governed.reservation.usage
    return UsageMetadata(
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        total_tokens=used.input_tokens + used.output_tokens,
        input_token_details=InputTokenDetails(cache_read=used.cached_tokens),
    )
