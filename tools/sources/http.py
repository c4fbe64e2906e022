"""GET over the open web: redirects followed by hand, limits on size and time, retries."""

import asyncio
import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from weakref import WeakKeyDictionary, WeakValueDictionary

from state.errors import KairosError
from tools.sources.pinned import Answer, ask
from tools.sources.source import LARGEST, shown
from tools.sources.url import clean

REDIRECTS = 5
TRIES = 3
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


async def get(url: str, headers: Mapping[str, str] | None = None, largest: int = LARGEST) -> Answer:
    """GET a URL, with redirects and retries. Answers of any status are returned, for the caller to judge.

    Raises KairosError: source_invalid (not a plain http or https URL), fetch_refused (an address that is not public),
    fetch_failed (network, time, broken answers), file_too_large.
    """
    tries = 0
    while True:
        tries += 1
        asked = 0.0
        try:
            answer = await _follow(clean(url), headers or {}, largest)
        except PassingError:
            if tries == TRIES:
                raise
        else:
            asked = retry_after(answer)
            if answer.status not in _PASSING or tries == TRIES or asked > LONGEST_WAIT_S:
                return answer
        await asyncio.sleep(asked + random.uniform(0, BACKOFF_S * 2**tries))  # noqa: S311 - jitter


def require(answer: Answer) -> Answer:
    """The answer, if it is 200 or 304; else KairosError source_gone (404, 410) or fetch_failed."""
    if answer.status in (200, 304):
        return answer
    if answer.status in (404, 410):
        raise KairosError("source_gone", f"{shown(answer.url)} is not there any more ({answer.status}).")
    asked = retry_after(answer)
    wish = f" and asks to wait {asked:.0f} s" if asked else ""
    raise KairosError("fetch_failed", f"{shown(answer.url)} answered with status {answer.status}{wish}.")


async def _follow(url: str, headers: Mapping[str, str], largest: int) -> Answer:
    for _ in range(REDIRECTS + 1):
        answer = await _once(url, headers, largest)
        following = moved(answer)
        if following is None:
            return answer
        url = following
    raise KairosError("fetch_failed", f"{shown(url)} is still redirected after {REDIRECTS} redirects.")


async def _once(url: str, headers: Mapping[str, str], largest: int) -> Answer:
    import httpx

    parsed = httpx.URL(url)
    async with _slot(parsed.host):
        try:
            async with asyncio.timeout(TOTAL_S):
                return await ask(parsed, headers, largest)
        except TimeoutError:
            raise KairosError("fetch_failed", f"{shown(url)} took longer than {TOTAL_S:g} s.") from None
        except httpx.HTTPError as error:
            cause = " ".join(str(error).split()) or type(error).__name__
            raise PassingError("fetch_failed", f"{shown(url)} cannot be read: {cause}.") from error


def _slot(host: str) -> asyncio.Semaphore:
    """What limits the requests to one host; it lives as long as somebody waits for it."""
    slots = _slots.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    return slots.setdefault(host, asyncio.Semaphore(AT_ONCE))


def moved(answer: Answer) -> str | None:
    """Where an answer redirects to, None if it does not. Raises KairosError fetch_failed, fetch_refused."""
    import httpx

    if answer.status not in _MOVED or "location" not in answer.headers:
        return None
    try:
        return clean(str(httpx.URL(answer.url).join(answer.headers["location"])))
    except httpx.InvalidURL:
        raise KairosError("fetch_failed", f"{shown(answer.url)} redirects to what is not a URL.") from None
    except KairosError as error:
        raise KairosError(
            "fetch_refused", f"{shown(answer.url)} redirects elsewhere: {error.sentence}"
        ) from error


def retry_after(answer: Answer) -> float:
    """Seconds that the answer asks to wait, 0 if it says nothing."""
    given = answer.headers.get("retry-after", "").strip()
    try:
        if given.isdigit():
            return float(given)
        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time())
    except (ValueError, OverflowError, TypeError):
        return 0.0
