"""From an entry of the catalog to a LangChain chat model; a provider's package is imported when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from state.errors import KairosError
from tools.models.availability import key, unavailable
from tools.models.entry import Entry

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def make(entry: Entry, retries: int = 2) -> BaseChatModel:
    """The client of an entry; `get_name()` is the entry's name. Nothing is called.

    `retries` are the client's own. Raises KairosError `model_unavailable` where the key or the package is missing.
    """
    if reason := unavailable(entry):
        raise KairosError("model_unavailable", f"The model {entry.name!r} cannot be used: {reason}.")
    match entry.provider:
        case "extractive":
            from tools.models.extractive import ExtractiveChatModel

            return ExtractiveChatModel(name=entry.name)
        case "anthropic":
            return _anthropic(entry, retries)
        case "bedrock":
            return _bedrock(entry, retries)
        case "google":
            return _google(entry, retries)
        case "cohere":
            return _cohere(entry)
        case "azure" if entry.api_version:
            return _azure(entry, retries)
        case _:
            return _openai(entry, retries)


async def close(model: BaseChatModel) -> None:
    """Close the connections of a model that `make` made; Cohere's package and AWS's keep theirs to themselves."""
    from inspect import isawaitable

    for holder, name in (
        (getattr(model, "root_async_client", None), "close"),
        (model.__dict__.get("_async_client"), "close"),
        (getattr(getattr(model, "client", None), "aio", None), "aclose"),
    ):
        ended = getattr(holder, name, lambda: None)()
        if isawaitable(ended):
            await ended


def _common(entry: Entry) -> dict[str, Any]:
    """What every chat model of LangChain takes."""
    return {"name": entry.name, "profile": {"max_input_tokens": entry.context} if entry.context else None}


def _silence(entry: Entry) -> float:
    """The most seconds without a byte."""
    return max(entry.timeouts.first, entry.timeouts.between)


def _openai_like(entry: Entry, retries: int) -> dict[str, Any]:
    from openai import Timeout

    return {
        **_common(entry),
        # Without any key the client would send OPENAI_API_KEY, which may belong to another provider.
        "api_key": key(entry) or SecretStr("none"),
        "timeout": Timeout(_silence(entry), connect=entry.timeouts.connect),
        "stream_chunk_timeout": entry.timeouts.between,
        "max_retries": retries,
        "stream_usage": True,
        "use_responses_api": False,
    }


def _openai(entry: Entry, retries: int) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    base = str(entry.base_url).rstrip("/")
    return ChatOpenAI(model=entry.model, base_url=base, **_openai_like(entry, retries))


def _azure(entry: Entry, retries: int) -> BaseChatModel:
    from langchain_openai import AzureChatOpenAI

    return AzureChatOpenAI(
        azure_endpoint=str(entry.base_url).rstrip("/"),
        azure_deployment=entry.model,
        api_version=entry.api_version,
        **_openai_like(entry, retries),
    )


def _anthropic(entry: Entry, retries: int) -> BaseChatModel:
    from anthropic import DefaultAsyncHttpxClient
    from langchain_anthropic import ChatAnthropic

    client: Any = ChatAnthropic(
        **_given(
            model=entry.model,
            api_key=key(entry),
            base_url=_url(entry),
            max_tokens=entry.max_output,
            timeout=_silence(entry),
            max_retries=retries,
            stream_usage=True,
        ),
        **_common(entry),
    )
    # The package shares one pool among all event loops, where a pooled connection belongs to one.
    pool = DefaultAsyncHttpxClient(timeout=_silence(entry))
    client.__dict__["_async_client"] = client._async_client.with_options(http_client=pool)
    model: BaseChatModel = client
    return model


def _bedrock(entry: Entry, retries: int) -> BaseChatModel:
    """Without key_env, AWS's own chain gives the credentials: variables, profile, role of the machine."""
    from botocore.config import Config
    from langchain_aws import ChatBedrockConverse

    waits = Config(
        connect_timeout=entry.timeouts.connect,
        read_timeout=_silence(entry),
        retries={"total_max_attempts": retries + 1},
    )
    model: BaseChatModel = ChatBedrockConverse(
        **_given(
            model=entry.model,
            region_name=entry.region,
            api_key=key(entry),
            base_url=_url(entry),
            max_tokens=entry.max_output,
            config=waits,
        ),
        **_common(entry),
    )
    return model


def _google(entry: Entry, retries: int) -> BaseChatModel:
    from langchain_google_genai import ChatGoogleGenerativeAI

    model: BaseChatModel = ChatGoogleGenerativeAI(
        **_given(
            model=entry.model,
            api_key=key(entry),
            base_url=_url(entry),
            max_tokens=entry.max_output,
            timeout=_silence(entry),
            retries=retries,
        ),
        **_common(entry),
    )
    return model


def _cohere(entry: Entry) -> BaseChatModel:
    """Cohere's client tries twice more by itself; LangChain's package has no way to say otherwise."""
    from langchain_cohere import ChatCohere

    model: BaseChatModel = ChatCohere(
        **_given(
            model=entry.model,
            cohere_api_key=key(entry),
            base_url=_url(entry),
            timeout_seconds=_silence(entry),
        ),
        **_common(entry),
    )
    return model


def _url(entry: Entry) -> str | None:
    return str(entry.base_url).rstrip("/") if entry.base_url else None


def _given(**options: Any) -> dict[str, Any]:
    """Without those that are None: the package's own default holds."""
    return {name: value for name, value in options.items() if value is not None}
