"""Where documents come from: what a source is, what it lists, and what is fetched from it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["folder", "urls", "sitemap", "git", "s3"]

LARGEST = 50_000_000
"""Bytes; a larger file is a named failure."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where to look; `location` is a path, URLs on a line each, a sitemap's URL, a repository or s3://bucket/prefix.

    Options: `branch` and `path` (git), `hosts` (sitemap: further hosts, separated by commas).
    """

    kind: Kind
    location: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a source: its lasting identity, how it is shown, and who may read it (nobody named: everyone).

    `stamp` is an opaque mark of change: equal stamps mean unchanged content, None means that `fetch` has to ask.
    With an `error` it is a file, a folder or a part of the source that cannot be read.
    """

    uri: str
    path: str
    groups: list[str]
    stamp: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of one file, its name, and the stamp to keep where the listing gave none."""

    data: bytes
    stamp: str
    name: str


def vanished(source: Source, found: Sequence[Found], stored: Iterable[str]) -> list[str]:
    """Which stored uris are really gone: not found, and not under anything that could not be read.

    An error at the source's own location says that the list is not complete, so that nothing is gone.
    """
    unread = [file.uri for file in found if file.error]
    if source.location in unread:
        return []
    there = {file.uri for file in found}
    kept = tuple(f"{uri.rstrip('/')}/" for uri in unread)
    return [uri for uri in stored if uri not in there and not uri.startswith(kept)]


def shown(name: str) -> str:
    """A name on one line: control characters and marks that turn the reading direction become visible escapes."""
    whole = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _UNSEEN.sub(lambda unseen: ascii(unseen[0])[1:-1], whole)
