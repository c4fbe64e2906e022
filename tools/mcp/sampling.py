"""A server asks our model for a text while one of its tools runs, on the account of whoever called the tool."""

from collections.abc import Sequence

from state.caller import Caller
from state.identity import Identity
from tools.models.door import chat_model

MOST_TOKENS = 1_000
MOST_CHARS = 20_000


async def sampled(
    identity: Identity, server: str, system: str | None, said: Sequence[tuple[str, str]], most_tokens: int
) -> tuple[str, str]:
    """The text and the model's name. said: (role, text), the role user or assistant; it sees nothing else of ours.

    Raises KairosError as the model door does.
    """
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

    messages: list[BaseMessage] = [SystemMessage(system[:MOST_CHARS])] if system else []
    kinds: dict[str, type[BaseMessage]] = {"user": HumanMessage, "assistant": AIMessage}
    messages += [kinds[role](text[:MOST_CHARS]) for role, text in said]
    model = await chat_model("agent", Caller(identity, "sampling", server))
    answer = await model.ainvoke(messages, max_tokens=min(most_tokens, MOST_TOKENS))
    return str(answer.text), model.get_name()
