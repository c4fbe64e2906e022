"""Addresses, links and account numbers in a text. Every repeat is bounded: linear time."""

import re
import unicodedata
from urllib.parse import urlsplit

_LABELS = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}"
_EMAIL = re.compile(rf"(?<![\w.+-])[\w.+%'-]{{1,64}}+@{_LABELS}[^\W\d_]{{2,24}}", re.IGNORECASE)
_URL = re.compile(r"\b[a-z][a-z0-9+-]{1,15}:(?://|\\\\)[^\s<>\"'`|]{1,4000}+", re.IGNORECASE)
_BARE = re.compile(
    rf"(?<![\w@.:/\\-]){_LABELS}([a-z]{{2,24}})(?![\w@-])(?:[:/?][^\s<>\"'`|]{{0,2000}}+)?", re.IGNORECASE
)
_OCTETS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])(?::\d{1,5})?(?:/[^\s<>\"'`|]{0,2000}+)?")
_DOT = r"\s?[\[({]?\bdot\b[\])}]?\s?"
_SPOKEN = re.compile(
    rf"(?<![\w+-])([\w+-]{{1,64}}+(?:{_DOT}[\w+-]{{1,64}}+){{0,4}})\s?[\[({{]?\bat\b[\])}}]?\s?"
    rf"([\w-]{{1,63}}+(?:{_DOT}[\w-]{{1,63}}+){{1,6}})",
    re.IGNORECASE,
)
_END = ".,;:!?)]}*_"
_TOP = frozenset(
    "com net org edu gov mil int info biz io ai app dev xyz top site online shop store club live cloud tech "
    "page link icu click work world news blog agency name pro email support finance bank pay example test "
    "invalid local internal".split()
)
_FILES = frozenset("py js ts rs md sh pl ps cc so mm ml hs rb cs vb gz db tf do".split())
_ACCOUNTS = (
    re.compile(r"\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,4})?\b", re.IGNORECASE),
    re.compile(r"(?<![\w+-])\d(?:[ -]?\d){12,18}(?!\w)"),
    re.compile(r"\b(?:0x[0-9a-fA-F]{40}|bc1[a-z0-9]{20,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b"),
    re.compile(
        r"\b(?:account|acct|a/c|konto|sort code|routing|iban|card)\b[ .:#]{0,3}(?:number|no|nr|is|to)?[ .:#]{0,3}"
        r"((?=[a-z -]{0,6}\d)[a-z0-9](?:[ -]?[a-z0-9]){5,34})\b",
        re.IGNORECASE,
    ),
)


def emails(text: str) -> list[str]:
    """E-mail addresses, in lower case."""
    return [found.rstrip(_END).lower() for found in _EMAIL.findall(text)]


def urls(text: str) -> list[str]:
    """URLs, host names and IP addresses, as written."""
    found = [match[0] for match in _URL.finditer(text)]
    rest = _URL.sub(" ", text)
    found += [match[0] for match in _BARE.finditer(rest) if _is_top(match[1])]
    found += [match[0] for match in _OCTETS.finditer(rest)]
    return [url.rstrip(_END) for url in found]


def accounts(text: str) -> list[str]:
    """Numbers of bank accounts, cards and wallets, in forms that are hardly anything else, as written."""
    found = []
    for pattern in _ACCOUNTS:
        for match in pattern.finditer(text):
            number = match[pattern.groups]
            if sum(sign.isdigit() for sign in number) >= 6:
                found.append(number)
    return found


def unspoken(text: str) -> str:
    """The addresses that are written as they are spoken, each in its usual form: ann (at) firm dot org."""
    dots = re.compile(_DOT, re.IGNORECASE)
    return " ".join(
        f"{dots.sub('.', match[1])}@{dots.sub('.', match[2])}" for match in _SPOKEN.finditer(text)
    )


def parts(url: str) -> tuple[str, str] | None:
    """Host in lower case without "www.", and all after it; None for what clients read in different ways."""
    address = url if "://" in url else f"//{url}"
    if "\\" in address or not address.isprintable() or unicodedata.normalize("NFKC", address) != address:
        return None
    try:
        split = urlsplit(address)
        host, port = split.hostname, split.port
    except ValueError:
        return None
    if not host or "@" in split.netloc:
        return None
    rest = split.path.rstrip("/") + (f"?{split.query}" if split.query else "")
    name = host.removeprefix("www.").rstrip(".")
    if split.scheme not in ("", "http", "https"):
        name = f"{split.scheme}://{name}"
    return f"{name}:{port}" if port and port not in (80, 443) else name, rest


def _is_top(label: str) -> bool:
    """Whether a name that ends so is a host, not a file or an abbreviation."""
    label = label.lower()
    return label in _TOP or (len(label) == 2 and label not in _FILES)
