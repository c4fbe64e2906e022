"""HTML tags as far as a guard must know them: what runs script, what loads something, where forms go."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

# A tag may break off at the text's end. Quoted values may hold anything; always matches, so nothing is read twice.
_TAG = re.compile(
    r"<(/?[a-z][\w:-]{0,40}+)(?!//)((?:[^<>\"']++|\"[^\"]{0,4000}+\"|'[^']{0,4000}+'|[\"'])*+)>?", re.I
)
_ATTRIBUTE = re.compile(
    r"(?<![\w:-])([a-z][\w:-]{0,40}+)\s{0,20}+=\s{0,20}+(?:\"([^\"]{0,4000}+)\"?|'([^']{0,4000}+)'?|([^\s\"'>]{1,4000}+))",
    re.I,
)
_ADDRESSED = frozenset(
    "src href srcset imagesrcset action formaction poster data background cite ping manifest codebase archive longdesc"
    " xlink:href style srcdoc".split()
)
_ACTIVE = frozenset(
    "iframe frame frameset object embed applet form base meta link portal fencedframe".split()
)
_SCRIPT = frozenset({"script"})
_RUNS = re.compile(r"^[\x00-\x20]*+(?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.I)
STYLE = 4_000
"""Characters of a style sheet that are read."""


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening tag: its attributes that may name an address; whether it runs script, or is active by itself."""

    start: int
    end: int
    name: str
    values: tuple[tuple[str, str], ...]
    script: bool
    active: bool


def tags(text: str) -> Iterator[Tag]:
    """The opening tags that may do something; what only sets type (<b>, <td>) has no address."""
    if "<" not in text:
        return
    for match in _TAG.finditer(text):
        name = match[1].lower()
        given = [(one[1].lower(), one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(match[2])]
        script = name in _SCRIPT or any(_handles(*pair) for pair in given)
        values = [pair for pair in given if pair[0] in _ADDRESSED]
        end = match.end()
        if name == "style":
            close = text.find("<", end, end + STYLE)
            end = close if close >= 0 else min(len(text), end + STYLE)
            values.append(("css", text[match.end() : end]))
        active = name in _ACTIVE or any(key == "srcdoc" for key, _ in values)
        if script or active or values:
            yield Tag(match.start(), end, name, tuple(values), script, active)


def _handles(name: str, value: str) -> bool:
    """An event handler, or an address that is script."""
    return (name.startswith("on") and len(name) > 4) or (
        name in _ADDRESSED and _RUNS.match(html.unescape(value)) is not None
    )
