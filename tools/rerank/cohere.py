"""Cohere's v2/rerank, which speaks the same protocol."""

from state.errors import KairosError
from state.settings import Settings
from tools.embed.remote import connect
from tools.rerank.remote import RemoteReranker

HOSTED = "https://api.cohere.com"
MODEL = "rerank-v3.5"


def load(settings: Settings) -> RemoteReranker:
    """The reranker of KAIROS_RERANKER_MODEL and _KEY, at KAIROS_RERANKER_URL if set; KairosError without a key."""
    if not settings.reranker_key:
        raise KairosError("reranker_key", "KAIROS_RERANKER=cohere needs KAIROS_RERANKER_KEY.")
    model = settings.reranker_model or MODEL
    return RemoteReranker(
        name=f"cohere:{model}",
        url=(settings.reranker_url or HOSTED).rstrip("/") + "/v2/rerank",
        model=model,
        client=connect(settings.reranker_key),
        seconds=settings.reranker_seconds,
    )
