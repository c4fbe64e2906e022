"""The pages that a sitemap lists, on its own host and those named in the option `hosts`."""

import asyncio
from collections.abc import Sequence

from state.errors import KairosError
from tools.sources import urls
from tools.sources.body import gunzip
from tools.sources.http import get, require
from tools.sources.robots import Robots
from tools.sources.sitemap_xml import Sitemap, parse_sitemap
from tools.sources.source import LARGEST, Fetched, Found, Source, shown
from tools.sources.url import clean, host_of

MOST_PAGES = 50_000
MOST_SITEMAPS = 200
DEPTH = 3
"""Indexes of indexes; real ones have one level."""


def check(source: Source) -> None:
    """One http or https URL without user or password."""
    clean(source.location)
    if unknown := set(source.options) - {"hosts"}:
        raise KairosError("source_invalid", f"A sitemap has no option {min(unknown)!r}, only 'hosts'.")


def own_means(source: Source) -> None:
    """The public web needs none."""
    return


async def list_files(source: Source, groups: Sequence[str]) -> list[Found]:
    """Every page once, with `lastmod` as its stamp; what robots.txt forbids has an error.

    A part that cannot be read, or is beyond the limits, is an error at the source's location: the list is not complete.
    """
    pages, causes = await _collect(clean(source.location), _hosts(source))
    robots = Robots()
    found = []
    for url, changed in list(pages.items())[:MOST_PAGES]:
        refusal = await robots.refusal(url)
        found.append(Found(url, shown(url), [] if refusal else sorted(set(groups)), changed, refusal))
    if len(pages) > MOST_PAGES:
        causes.append(f"it lists more than {MOST_PAGES} pages, the rest is left out")
    return found + [Found(source.location, shown(source.location), [], None, cause) for cause in causes[:1]]


async def fetch(source: Source, uri: str, stamp: str | None) -> Fetched | None:
    """The page, as from a list of URLs."""
    return await urls.fetch(source, uri, stamp)


async def _collect(start: str, hosts: set[str]) -> tuple[dict[str, str | None], list[str]]:
    """All pages, and why some may be missing; raises KairosError if the first sitemap cannot be read."""
    pages: dict[str, str | None] = {}
    causes: list[str] = []
    level, seen = [start], {start}
    for _ in range(DEPTH):
        below: list[str] = []
        for url in level:
            try:
                sitemap = await _read(url)
            except KairosError as error:
                if url == start:
                    raise
                causes.append(error.sentence.rstrip("."))
                continue
            pages.update(_on(hosts, sitemap.pages))
            below += [other for other in _on(hosts, sitemap.sitemaps) if other not in seen]
            seen.update(below)
        level = below[: MOST_SITEMAPS - len(seen - set(below))] if len(seen) > MOST_SITEMAPS else below
        if len(level) < len(below):
            causes.append(f"it has more than {MOST_SITEMAPS} sitemaps, the rest is left out")
        if not level or len(pages) > MOST_PAGES:
            return pages, causes
    return pages, [*causes, f"its sitemaps are nested more than {DEPTH} deep, the rest is left out"]


async def _read(url: str) -> Sitemap:
    answer = require(await get(url))
    data = await asyncio.to_thread(gunzip, shown(url), answer.data, LARGEST)
    return await asyncio.to_thread(parse_sitemap, shown(url), data)


def _on(hosts: set[str], listed: dict[str, str | None]) -> dict[str, str | None]:
    """Those on the hosts, in their lasting form; what is not a plain URL is no page of theirs."""
    kept = {}
    for given, changed in listed.items():
        try:
            url = clean(given)
        except KairosError:
            continue
        if host_of(url) in hosts:
            kept[url] = changed
    return kept


def _hosts(source: Source) -> set[str]:
    further = source.options.get("hosts", "").split(",")
    return {host_of(clean(source.location)), *(host.strip().lower() for host in further if host.strip())}
