"""The XML of sitemaps, read without entities: a document type declaration is refused."""

from dataclasses import dataclass, field
from xml.parsers import expat

from state.errors import KairosError


@dataclass(slots=True)
class Sitemap:
    """Pages and further sitemaps, each a URL with its `lastmod`, or None."""

    pages: dict[str, str | None] = field(default_factory=dict)
    sitemaps: dict[str, str | None] = field(default_factory=dict)


def parse_sitemap(name: str, data: bytes) -> Sitemap:
    """What a sitemap or an index of sitemaps lists; raises KairosError `sitemap_invalid`."""
    reader = _Reader(name)
    try:
        reader.parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise KairosError("sitemap_invalid", f"{name} is not a sitemap: {error}.") from error
    if reader.root not in ("urlset", "sitemapindex"):
        raise KairosError("sitemap_invalid", f"{name} is not a sitemap: it is a {reader.root!r} document.")
    return reader.found


class _Reader:
    """Collects `loc` and `lastmod` of each entry, whatever the namespace's prefix."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found = Sitemap()
        self.root: str | None = None
        self._path: list[str] = []
        self._entry: dict[str, str] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_: object) -> None:
        raise KairosError("sitemap_invalid", f"{self.name} has a document type, which sitemaps have not.")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name.rpartition(" ")[2])
        self.root = self.root or self._path[0]
        if len(self._path) == 2:
            self._entry = {}

    def _text(self, text: str) -> None:
        # Only direct children: image and video extensions have a `loc` of their own, deeper.
        if len(self._path) == 3 and self._path[2] in ("loc", "lastmod"):
            self._entry[self._path[2]] = self._entry.get(self._path[2], "") + text

    def _end(self, _: str) -> None:
        kind = self._path.pop()
        if len(self._path) == 1 and (url := self._entry.get("loc", "").strip()):
            into = self.found.sitemaps if kind == "sitemap" else self.found.pages
            into[url] = self._entry.get("lastmod", "").strip()[:64] or None
