"""Sources of a collection: folders, URLs, sitemaps, git repositories and buckets, one file a kind."""

from collections.abc import Sequence
from typing import Protocol

from tools.sources.source import Fetched, Found, Kind, Source, shown, vanished

__all__ = [
    "Fetched",
    "Found",
    "Kind",
    "Source",
    "check",
    "fetch",
    "list_source",
    "own_means",
    "shown",
    "vanished",
]


class Adapter(Protocol):
    """What every kind's module has."""

    def check(self, source: Source) -> None: ...

    def own_means(self, source: Source) -> str | None: ...

    async def list_files(self, source: Source, groups: Sequence[str]) -> list[Found]: ...

    async def fetch(self, source: Source, uri: str, stamp: str | None) -> Fetched | None: ...


def check(source: Source) -> None:
    """Refuse a source that cannot be meant, before it is stored; nothing is opened.

    Raises KairosError `source_invalid`, whose sentence holds no password that the location may hold.
    """
    _adapter(source).check(source)


def own_means(source: Source) -> str | None:
    """The path, bucket or host that is reached with this machine's own rights or keys; None for the public web.

    Only the person at this machine, or below configured roots, may use those.
    """
    return _adapter(source).own_means(source)


async def list_source(source: Source, groups: Sequence[str]) -> list[Found]:
    """Every file of the source, once, in order; `groups` may read what no access file speaks of.

    Raises KairosError if nothing at all can be listed; parts that cannot be are in the list with an `error`.
    """
    check(source)
    return await _adapter(source).list_files(source, groups)


async def fetch(source: Source, uri: str, stamp: str | None) -> Fetched | None:
    """The bytes of a listed file, or None if they are those that `stamp` (the stored one) stands for.

    Raises KairosError: `source_gone` where the file is not there any more, other codes for what may be there still.
    """
    return await _adapter(source).fetch(source, uri, stamp)


def _adapter(source: Source) -> Adapter:
    from tools.sources import folder, git, s3, sitemap, urls

    kinds: dict[str, Adapter] = {"folder": folder, "urls": urls, "sitemap": sitemap, "git": git, "s3": s3}
    return kinds[source.kind]
