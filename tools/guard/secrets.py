"""Keys, tokens and passwords in a text: the published forms of providers' keys, then what is named a secret and random.

Forms after the providers' documentation. Of what detect-secrets (Apache-2.0) knows, keys without a form of their own
(IBM, Cloudant, SoftLayer) are found by their name only. Every pattern starts at a fixed word or at the beginning of a
run, and its repeats are bounded: linear time.
"""

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tools.guard.normalise import normalise
from tools.guard.secret_forms import FORMS

ENTROPY = 3.2
"""Bits a character from which a value named as a secret counts as random (base64 has 4, words under 3)."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Characters `start` to `end` (exclusive) hold a secret of this rule; `score` is in 0..1."""

    start: int
    end: int
    rule: str
    score: float


_CREDENTIALS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:@/'\"<>]{0,100}+:([^\s@/'\"<>]{3,200}+)@[\w.\[\]:-]{1,250}", re.I
)
_PRIVATE = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
_PRIVATE_END = re.compile(r"-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{10,2000}+\.[\w-]{2,8000}+\.[\w-]{0,2000}+")
_NAMED = re.compile(
    r"(?i:(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_ -]?key|access[_ -]?key|private[_ -]?key|auth[_ -]?key|credential)s?)"
    r"[\w-]{0,20}+[\"'`]?(?:[ \t]*+(?::=|=>|[:=])[ \t]*+|[ \t]++(?:is|was):?[ \t]++)[\"'`]?([^\s\"'`,;<>(){}\[\]]{6,200})"
)
_PASSWORD = re.compile(r"(?i)pass|pwd")
_STAND_IN = re.compile(
    r"(?i)^(?:x+|\*+|\.+|your.*|my.*|example.*|change.?me.*|placeholder|none|null|true|false|undefined|redacted.*|\$.*|%.*|os\.environ.*|process\.env.*|self\..*|config\..*|settings\..*|get[a-z_]*|required|optional|string)$"
)


def find_secrets(text: str) -> list[Secret]:
    """The secrets in a text, in order, without overlaps; offsets are those of the text as given."""
    view = normalise(text)
    found: list[Secret] = []
    taken = bytearray(len(view.text))
    for one in sorted(_all(view.text), key=lambda one: (-one.score, one.start - one.end)):
        if taken.find(1, one.start, one.end) < 0:
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            found.append(one)
    spans = ((*view.span(one.start, one.end), one.rule, one.score) for one in found)
    return sorted((Secret(*span) for span in spans), key=lambda one: one.start)


def _all(text: str) -> Iterator[Secret]:
    for form in FORMS:
        if any(word in text for word in form.holds):
            yield from (Secret(*match.span(), form.rule, 0.95) for match in form.pattern.finditer(text))
    if "://" in text:
        yield from (
            Secret(*match.span(1), "credentials in an address", 0.96) for match in _CREDENTIALS.finditer(text)
        )
    if "eyJ" in text:
        yield from (Secret(*match.span(), "jwt", 0.98) for match in _JWT.finditer(text) if _is_jwt(match[0]))
    yield from _private(text)
    yield from _named(text)


def _private(text: str) -> Iterator[Secret]:
    """Blocks of private keys, cut off or not: what follows the first line is the key."""
    at = 0
    for begin in _PRIVATE.finditer(text):
        if begin.start() >= at:
            end = _PRIVATE_END.search(text, begin.end(), begin.end() + 20_000)
            at = end.end() if end else _lines_end(text, begin.end())
            yield Secret(begin.start(), at, "private key", 0.99)


def _lines_end(text: str, start: int) -> int:
    blank = text.find("\n\n", start, start + 20_000)
    return blank if blank >= 0 else min(len(text), start + 20_000)


def _is_jwt(token: str) -> bool:
    """RFC 7519: the first part is a JSON object that names the algorithm."""
    head = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(header, dict) and "alg" in header


def _named(text: str) -> Iterator[Secret]:
    """Values that are called a password or a key, and are not words, stand-ins or names of variables."""
    for match in _NAMED.finditer(text):
        value = match[1].rstrip(".!?:")
        if _STAND_IN.match(value) or not value:
            continue
        named = _PASSWORD.match(match[0]) is not None and _mixed(value)
        if named or (
            entropy(value) >= ENTROPY and len(value) >= 12 and any(sign.isdigit() for sign in value)
        ):
            yield Secret(match.start(1), match.start(1) + len(value), "named secret", 0.8)


def _mixed(value: str) -> bool:
    """Letters and something else: not a plain word, nor the name of a variable."""
    return any(sign.isdigit() or not (sign.isalnum() or sign in "._-") for sign in value) and any(
        sign.isalpha() for sign in value
    )


def entropy(value: str) -> float:
    """Bits a character (Shannon 1948) of the value's own letters."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
