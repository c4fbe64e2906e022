"""GET over the open web: guarded addresses, redirects followed by hand, limits on size and time, retries."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakValueDictionary

from state.errors import KairosError
from tools.sources import address
from tools.sources.body import Body
from tools.sources.source import LARGEST, shown
from tools.sources.url import clean

if TYPE_CHECKING:
    import httpx

AGENT = "Kairos/0.1"
REDIRECTS = 5
TRIES = 3
HEADER_S = 20.0
TOTAL_S = 120.0
"""For one request and its body, however slowly it drips."""
BACKOFF_S = 1.0
LONGEST_WAIT_S = 60.0
AT_ONCE = 2
"""Requests to one host at the same time."""

_MOVED = (301, 302, 303, 307, 308)
_PASSING = (429, 500, 502, 503, 504)

_Slots = WeakValueDictionary[str, asyncio.Semaphore]
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, _Slots] = WeakKeyDictionary()


class PassingError(KairosError):
    """A failure that another try may mend."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a URL answered in the end; header names are in small letters, `data` is empty unless the status is 200."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""


async def get(url: str, headers: Mapping[str, str] | None = None, largest: int = LARGEST) -> Answer:
    """GET a URL, with redirects and retries. Answers of any status are returned, for the caller to judge.

    Raises KairosError: source_invalid (not a plain http or https URL), fetch_refused (an address that is not public),
    fetch_failed (network, time, broken answers), file_too_large.
    """
    for left in reversed(range(TRIES)):
        wait = random.uniform(0, BACKOFF_S * 2 ** (TRIES - 1 - left))  # noqa: S311 - jitter
        try:
            answer = await _follow(clean(url), headers or {}, largest)
        except PassingError:
            if not left:
                raise
        else:
            asked = _retry_after(answer)
            if answer.status not in _PASSING or not left or asked > LONGEST_WAIT_S:
                return answer
            wait += asked
        await asyncio.sleep(wait)
    raise AssertionError  # the last try returns or raises


def require(answer: Answer) -> Answer:
    """The answer, if it is 200 or 304; else KairosError source_gone (404, 410) or fetch_failed."""
    if answer.status in (200, 304):
        return answer
    if answer.status in (404, 410):
        raise KairosError("source_gone", f"{shown(answer.url)} is not there any more ({answer.status}).")
    raise KairosError("fetch_failed", f"{shown(answer.url)} answered with status {answer.status}.")


async def _follow(url: str, headers: Mapping[str, str], largest: int) -> Answer:
    for _ in range(REDIRECTS + 1):
        answer = await _once(url, headers, largest)
        if answer.status not in _MOVED or "location" not in answer.headers:
            return answer
        url = _joined(url, answer.headers["location"])
    raise KairosError("fetch_failed", f"{shown(url)} is still redirected after {REDIRECTS} redirects.")


async def _once(url: str, headers: Mapping[str, str], largest: int) -> Answer:
    import httpx

    parsed = httpx.URL(url)
    async with _slot(parsed.host):
        try:
            async with asyncio.timeout(TOTAL_S):
                return await _ask(parsed, headers, largest)
        except TimeoutError:
            raise KairosError("fetch_failed", f"{shown(url)} took longer than {TOTAL_S:.0f} s.") from None
        except httpx.HTTPError as error:
            cause = " ".join(str(error).split()) or type(error).__name__
            raise PassingError("fetch_failed", f"{shown(url)} cannot be read: {cause}.") from error


async def _ask(url: "httpx.URL", headers: Mapping[str, str], largest: int) -> Answer:
    host = url.raw_host.decode("ascii")
    addresses = await address.resolve(host, url.port or (443 if url.scheme == "https" else 80))
    # An own connection for each request: pooled ones are kept by address, whatever name they were checked for.
    async with await _client() as client:
        async with _sent(client, url, addresses, headers) as response:
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
            # The checked address itself, so that no second look-up can lead elsewhere.
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


def _slot(host: str) -> asyncio.Semaphore:
    """What limits the requests to one host; it lives as long as somebody waits for it."""
    slots = _slots.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    return slots.setdefault(host, asyncio.Semaphore(AT_ONCE))


def _joined(url: str, location: str) -> str:
    import httpx

    try:
        return clean(str(httpx.URL(url).join(location)))
    except httpx.InvalidURL:
        raise KairosError("fetch_failed", f"{shown(url)} redirects to what is not a URL.") from None
    except KairosError as error:
        raise KairosError("fetch_refused", f"{shown(url)} redirects elsewhere: {error.sentence}") from error


def _retry_after(answer: Answer) -> float:
    """Seconds that the answer asks to wait, 0 if it says nothing."""
    given = answer.headers.get("retry-after", "").strip()
    try:
        if given.isdigit():
            return float(given)
        import time

        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time())
    except (ValueError, OverflowError, TypeError):
        return 0.0
