"""What a server asks back while a call of it runs: people by elicitation, our models by sampling."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from state.agent import Question
from state.errors import KairosError
from state.identity import Identity
from tools.mcp import elicitation
from tools.mcp.declared import Server
from tools.mcp.library import ClientRequestContext, types
from tools.mcp.sampling import sampled

MOST_SAMPLES = 5
"""Of one call."""

Sampled = types.CreateMessageResult | types.ErrorData
_REFUSED = types.ErrorData(code=types.INVALID_REQUEST, message="This is not allowed.")


class AskingBack:
    """Of one session, whose calls run one at a time where the server may ask. asked: what nobody has answered yet."""

    def __init__(self, name: str, server: Server) -> None:
        self._name, self._server = name, server
        self._asker: Identity | None = None
        self._given: Sequence[Question] = ()
        self._samples = 0
        self.asked: Question | None = None

    @contextmanager
    def during(self, asker: Identity) -> Iterator[None]:
        """Within runs a call on behalf of the asker, with the answers to what it asked before."""
        self._given, self.asked, self._samples, self._asker = elicitation.answers(), None, 0, asker
        try:
            yield
        finally:
            self._asker = None

    async def answers(self, tool: str, asked: types.InputRequiredResult) -> types.InputResponses | None:
        """To all that is asked in one round (protocol 2026-07-28).

        Raises AskedBackError, or KairosError tool_failed.
        """
        answers: types.InputResponses = {}
        for name, request in (asked.input_requests or {}).items():
            answer: Sampled | types.ElicitResult = _REFUSED
            if isinstance(request, types.ElicitRequest) and self._server.elicitation:
                answer = self._elicited(tool, request.params)
            if isinstance(request, types.CreateMessageRequest) and self._server.sampling:
                answer = await self._sample(request.params)
            if isinstance(answer, types.ErrorData):
                raise KairosError("tool_failed", f"{tool} asks for what it may not have, and was stopped.")
            answers[name] = answer
        if not answers:
            await asyncio.sleep(0.1)
        return answers or None

    async def on_elicitation(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        """No call can wait for a person: unless one has answered before, the tool is told that nobody does."""
        try:
            return self._elicited(self._name, params)
        except elicitation.AskedBackError as asked:
            self.asked = self.asked or asked.question
            return types.ElicitResult(action="cancel")
        except KairosError:
            return _REFUSED

    async def on_sampling(
        self, context: ClientRequestContext, params: types.CreateMessageRequestParams
    ) -> Sampled:
        """What a model of ours says, on the asker's account."""
        return await self._sample(params)

    def _elicited(self, tool: str, params: types.ElicitRequestParams) -> types.ElicitResult:
        """The answer that a person gave when it was asked before. Raises AskedBackError, and as `_question` does."""
        question = _question(tool, params)
        found = elicitation.answer_to(question, self._given)
        if found is None or found["answer"] is None:
            raise elicitation.AskedBackError(tool, question, "")
        return types.ElicitResult(action="accept", content=found["answer"] if question["form"] else None)

    async def _sample(self, params: types.CreateMessageRequestParams) -> Sampled:
        parts = [(one.role, one.content) for one in params.messages]
        said = [(role, part.text) for role, part in parts if isinstance(part, types.TextContent)]
        self._samples += 1
        if self._asker is None or len(said) < len(parts) or params.tools or self._samples > MOST_SAMPLES:
            return _REFUSED
        try:
            text, model = await sampled(
                self._asker, self._name, params.system_prompt, said, params.max_tokens
            )
        except Exception:  # noqa: BLE001 - what it says would be told to the server
            return _REFUSED
        content = types.TextContent(type="text", text=text)
        return types.CreateMessageResult(role="assistant", content=content, model=model)


def _question(tool: str, params: types.ElicitRequestParams) -> Question:
    """Raises KairosError tool_failed for what nobody should be asked."""
    if isinstance(params, types.ElicitRequestFormParams):
        return elicitation.form_question(tool, params.message, params.requested_schema)
    return elicitation.site_question(tool, params.message, params.url)
