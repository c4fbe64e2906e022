"""Cohere's v2/embed, which embeds questions and passages differently."""

from collections.abc import Sequence
from typing import Any

from state.errors import KairosError
from state.settings import Settings
from tools.embed.remote import RemoteEmbedder, connect

HOSTED = "https://api.cohere.com"
MODEL = "embed-v4.0"


def load(settings: Settings) -> RemoteEmbedder:
    """The embedder of KAIROS_EMBEDDER_MODEL and _KEY, at KAIROS_EMBEDDER_URL if set.

    Raises KairosError when no key is set.
    """
    if not settings.embedder_key:
        raise KairosError("embedder_key", "KAIROS_EMBEDDER=cohere needs KAIROS_EMBEDDER_KEY.")
    model = settings.embedder_model or MODEL

    def request(texts: Sequence[str], query: bool) -> dict[str, Any]:
        kind = "search_query" if query else "search_document"
        return {"model": model, "texts": list(texts), "input_type": kind, "embedding_types": ["float"]}

    return RemoteEmbedder(
        name=f"cohere:{model}",
        url=(settings.embedder_url or HOSTED).rstrip("/") + "/v2/embed",
        client=connect(settings.embedder_key),
        batch_size=96,  # Cohere's limit
        request=request,
        rows=rows,
    )


def rows(answer: Any) -> list[Any]:
    """The vectors, in the order of the texts."""
    vectors: list[Any] = answer["embeddings"]["float"]
    return vectors
