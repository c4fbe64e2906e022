"""One GET to an address that was checked, so that no second look-up of the host can lead elsewhere."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from state.errors import KairosError
from tools.sources import address
from tools.sources.body import Body
from tools.sources.source import shown

if TYPE_CHECKING:
    import httpx

AGENT = "Kairos/0.1"
HEADER_S = 20.0
"""Seconds until the headers are complete, and between two pieces of the body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a URL answered in the end; header names are in small letters, `data` is empty unless the status is 200."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""


async def ask(url: "httpx.URL", headers: Mapping[str, str], largest: int) -> Answer:
    """What a URL answers, redirects not followed; raises KairosError, httpx.HTTPError or TimeoutError."""
    host = url.raw_host.decode("ascii")
    addresses = await address.resolve(host, url.port or (443 if url.scheme == "https" else 80))
    # An own connection for each request: pooled ones are kept by address, whatever name they were checked for.
    async with await _client() as client, _sent(client, url, addresses, headers) as response:
        return await _read(str(url), response, largest)


@asynccontextmanager
async def _sent(
    client: "httpx.AsyncClient", url: "httpx.URL", addresses: list[str], headers: Mapping[str, str]
) -> AsyncIterator["httpx.Response"]:
    """The response of the first address that can be connected to, without its body."""
    import httpx

    for place in addresses:
        request = client.build_request(
            "GET",
            url.copy_with(host=place),
            headers={**headers, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            async with asyncio.timeout(HEADER_S):
                response = await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if place == addresses[-1]:
                raise
            continue
        except TimeoutError:
            raise KairosError(
                "fetch_failed", f"{shown(str(url))} sent no answer in {HEADER_S:g} s."
            ) from None
        try:
            yield response
        finally:
            await response.aclose()
        return


async def _read(url: str, response: "httpx.Response", largest: int) -> Answer:
    headers = dict(response.headers)
    if response.status_code != 200:
        return Answer(url, response.status_code, headers)
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise KairosError("fetch_failed", f"{shown(url)} is encoded as {coding!r}, which was not asked for.")
    body = Body(shown(url), largest, gzip=coding.endswith("gzip"))
    received = 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        if received > largest:
            raise KairosError("file_too_large", f"{shown(url)} is larger than {largest // 1_000_000} MB.")
        body.feed(chunk)
    return Answer(url, 200, headers, body.close())


async def _client() -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(
        headers={"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"},
        verify=await asyncio.to_thread(_trusted),
        timeout=httpx.Timeout(HEADER_S, connect=HEADER_S / 2),
        # A proxy from the environment would look the host up again.
        trust_env=False,
        follow_redirects=False,
    )


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The authorities that are trusted: certifi's, or those of SSL_CERT_FILE and SSL_CERT_DIR."""
    import httpx

    return httpx.create_ssl_context()
