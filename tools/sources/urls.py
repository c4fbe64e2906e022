"""A list of URLs, one a line; also how any page of the web is fetched."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from state.errors import KairosError
from tools.sources.http import get, require
from tools.sources.pinned import Answer
from tools.sources.source import Fetched, Found, Source, shown
from tools.sources.url import clean


def check(source: Source) -> None:
    """At least one URL, all of them http or https without user or password."""
    if not source.location.strip():
        raise KairosError("source_invalid", "A list of URLs needs at least one.")
    for url in source.location.split():
        clean(url)


def own_means(source: Source) -> None:
    """The public web needs none."""
    return


async def list_files(source: Source, groups: Sequence[str]) -> list[Found]:
    """Each URL once; whether it is there, and has changed, is asked when it is fetched."""
    urls = dict.fromkeys(map(clean, source.location.split()))
    return [Found(url, shown(url), sorted(set(groups))) for url in urls]


async def fetch(source: Source, uri: str, stamp: str | None) -> Fetched | None:
    """The page, or None if the server says 304 or sends the same bytes again."""
    digest, etag, modified = _parts(stamp) if stamp else ("", "", "")
    asked = {"If-None-Match": etag, "If-Modified-Since": modified}
    answer = require(await get(uri, {name: value for name, value in asked.items() if value}))
    if answer.status == 304:
        if not digest:
            raise KairosError("fetch_failed", f"{shown(uri)} answered 304, which was not asked for.")
        return None
    now = hashlib.sha256(answer.data).hexdigest()
    if now == digest:
        return None
    kept = (now, _header(answer, "etag"), _header(answer, "last-modified"))
    return Fetched(answer.data, "\n".join(kept), _name(answer.url))


def _parts(stamp: str) -> tuple[str, str, str]:
    """Hash, ETag and Last-Modified of a stamp that `fetch` made; of any other nothing."""
    parts = stamp.split("\n")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else ("", "", "")


def _header(answer: Answer, name: str) -> str:
    """A header that can be sent back."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) < 500 else ""


def _name(url: str) -> str:
    parsed = urlsplit(url)
    return shown(PurePosixPath(unquote(parsed.path)).name or parsed.hostname or url)
