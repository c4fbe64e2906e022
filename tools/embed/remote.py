"""Embeddings over HTTP: batches, timeouts, bounded retries, checked answers."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from state.errors import KairosError
from tools.embed.vectors import unit_rows

ATTEMPTS = 4
FIRST_WAIT = 0.5  # seconds, doubled after every failure unless the service names its own
LONGEST_WAIT = 60.0  # seconds; a service that asks for more is not waited for
RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504})


@dataclass
class RemoteEmbedder:
    """A hosted embedding model; `dimensions` is 0 until the first answer."""

    name: str
    url: str
    client: httpx.AsyncClient
    batch_size: int
    request: Callable[[Sequence[str], bool], dict[str, Any]]
    """The JSON body for some texts; the flag says that they are questions."""
    rows: Callable[[Any], list[Any]]
    """The vectors of a JSON answer in the order of the texts; may raise LookupError or TypeError."""
    dimensions: int = 0

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (n, dimensions) in the order of `texts`."""
        batches = [texts[at : at + self.batch_size] for at in range(0, len(texts), self.batch_size)]
        parts = [await self._ask(batch, query=False) for batch in batches]
        return np.concatenate(parts) if parts else np.empty((0, self.dimensions), np.float32)

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        """The unit vector (dimensions,) of one question."""
        vector: NDArray[np.float32] = (await self._ask([text], query=True))[0]
        return vector

    async def _ask(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        source = f"The embedder at {httpx.URL(self.url).host}"
        answer = await post(self.client, self.url, self.request(texts, query), source)
        try:
            rows = self.rows(answer)
        except (LookupError, TypeError) as error:
            raise KairosError("embedder_answer", f"{source} gave an answer without vectors.") from error
        vectors = unit_rows(rows, len(texts), source)
        self.dimensions = self.dimensions or vectors.shape[1]
        if vectors.shape[1] != self.dimensions:
            sentence = f"{source} changed from {self.dimensions} to {vectors.shape[1]} dimensions."
            raise KairosError("embedder_answer", sentence)
        return vectors


def connect(key: SecretStr | None) -> httpx.AsyncClient:
    """A client that sends the key as a bearer token, if there is one."""
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    return httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(60, connect=10))


async def post(client: httpx.AsyncClient, url: str, body: dict[str, Any], source: str) -> Any:
    """The JSON answer; network failures and RETRIED statuses are tried ATTEMPTS times in all.

    Raises KairosError that names `source` and the cause, never what the service wrote: it may hold the key.
    """
    wait = FIRST_WAIT
    for attempt in range(1, ATTEMPTS + 1):
        try:
            response = await client.post(url, json=body)
        except httpx.TransportError as error:
            failure, pause = f"cannot be reached ({type(error).__name__})", wait
        else:
            if response.status_code not in RETRIED:
                return _content(response, source)
            failure, pause = f"answered {response.status_code}", asked_wait(response, wait)
        if attempt == ATTEMPTS or pause > LONGEST_WAIT:
            break
        await asyncio.sleep(pause)
        wait *= 2
    later = f" and asks to wait {pause:.0f} s" if pause > LONGEST_WAIT else ""
    raise KairosError("embedder_unavailable", f"{source} {failure}{later}, after {attempt} attempts.")


def _content(response: httpx.Response, source: str) -> Any:
    if response.status_code in (401, 403):
        sentence = f"{source} refused the key ({response.status_code}): check KAIROS_EMBEDDER_KEY."
        raise KairosError("embedder_key", sentence)
    if not response.is_success:
        sentence = (
            f"{source} answered {response.status_code}: check KAIROS_EMBEDDER_URL and KAIROS_EMBEDDER_MODEL."
        )
        raise KairosError("embedder_refused", sentence)
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise KairosError("embedder_answer", f"{source} gave an answer that is not JSON.") from error


def asked_wait(response: httpx.Response, default: float) -> float:
    """Seconds to wait by the Retry-After header (a number or a date, RFC 9110), else `default`."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdecimal():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):  # absent, not a date, or a date without a zone
        return default
