"""Any endpoint of the OpenAI form: POST {url}/embeddings."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from state.errors import KairosError
from state.settings import Settings
from tools.embed.remote import RemoteEmbedder, connect

HOSTED = "https://api.openai.com/v1"
MODEL = "text-embedding-3-small"


def load(settings: Settings) -> RemoteEmbedder:
    """The embedder of KAIROS_EMBEDDER_URL (default: OpenAI), _MODEL and _KEY.

    Raises KairosError when OpenAI itself is meant and no key is set.
    """
    if not settings.embedder_url and not settings.embedder_key:
        raise KairosError(
            "embedder_key", "Set KAIROS_EMBEDDER_KEY, or KAIROS_EMBEDDER_URL for a server of your own."
        )
    model = settings.embedder_model or MODEL

    def request(texts: Sequence[str], query: bool) -> dict[str, Any]:  # one form for passages and questions
        return {"model": model, "input": list(texts), "encoding_format": "float"}

    return RemoteEmbedder(
        name=f"openai:{model}",
        url=(settings.embedder_url or HOSTED).rstrip("/") + "/embeddings",
        client=connect(settings.embedder_key),
        batch_size=32,  # the smallest usual limit of self-hosted servers
        request=request,
        rows=rows,
    )


def rows(answer: Any) -> list[Any]:
    """The vectors by their index; the order of `data` is not promised."""
    return [item["embedding"] for item in sorted(answer["data"], key=itemgetter("index"))]
