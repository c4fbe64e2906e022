"""Whether an address carries something away: words that were shown to the model, or what looks encoded."""

import re
from urllib.parse import unquote_plus

from tools.guard.given import Given
from tools.guard.normalise import views
from tools.guard.secrets import entropy

LONG = 20
"""Characters of a run that may be encoded data; shorter ones are names and numbers of pages."""
RANDOM = 3.5
"""Bits a character from which such a run is no name."""
LEAST = 5
"""Characters of what was shown, with a digit or an @ among them, that are no accident in an address."""

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]{1,30}:)?[\\/]{2,9}([^\\/?#]{0,300})", re.I)
_PATH = re.compile(r"[^?#]{0,4000}+")
_RUN = re.compile(rf"[A-Za-z0-9+_=~-]{{{LONG},}}+")
_PART = re.compile(r"[^/?#&;=|,:\s]{3,}+")
_WORD = re.compile(r"[^\W_]++")
_NAME = re.compile(r"[A-Z]?[a-z]{2,}+")


def host(target: str) -> str:
    """The host in lower case, without port and who logs in; empty if there is none."""
    found = _HOST.match(target) or _HOST.match(f"//{target}")
    name = found[1].rpartition("@")[2].partition(":")[0].rstrip(".").lower() if found else ""
    return name if "." in name else ""


def carries(target: str, shown: Given, trusted: bool = False) -> bool:
    """Whether what the address's writer may fill holds data; percent signs are read, twice.

    trusted: its path and the encoded parts of it, such as numbers of versions, are the host's own.
    """
    rest = _rest(target, trusted)
    if not trusted and any(_looks_encoded(run[0]) for run in _RUN.finditer(rest)):
        return True
    return any(part.casefold() in shown.tokens for part in _PART.findall(rest) if len(part) >= LEAST) or any(
        three in shown.threes for three in _threes(rest)
    )


def _rest(target: str, trusted: bool) -> str:
    """All but the scheme and the last two names of the host; without the path, too, if that is trusted."""
    found = _HOST.match(target)
    after = target[found.end() :] if found else target.partition(":")[2] or target.partition("/")[2]
    if trusted:
        after = _PATH.sub("", after, count=1)
    names = [] if trusted or not found else [name for name in found[1].split(".")[:-2] if name != "www"]
    return unquote_plus(unquote_plus("/".join((*names, after)), errors="replace"), errors="replace")


def _looks_encoded(run: str) -> bool:
    """Base64, hexadecimal digits or the like: readable when decoded, or random; not words with marks between."""
    if any({"base64", "hex"} & set(view.how) for view in views(run)[1:]):
        return True
    words = sum(len(word) for word in _NAME.findall(run) if len(word) > 3)
    return words < 0.5 * len(run) and entropy(run) >= RANDOM


def _threes(rest: str) -> list[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(rest)]
    return [tuple(words[at : at + 3]) for at in range(len(words) - 2)]
