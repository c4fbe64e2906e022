"""Keys, tokens and passwords in a text: the published forms of providers' keys, then what is named a secret and random.

Forms after the providers' documentation and the rule sets of detect-secrets (Apache-2.0) and gitleaks (MIT). Every
pattern starts at a fixed word or at the beginning of a run, and its repeats are bounded: linear time.
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

ENTROPY = 3.2
"""Bits a character from which a value named as a secret counts as random (base64 noise has 4 and more, words under 3)."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Characters `start` to `end` (exclusive) hold a secret of this rule; `score` is in 0..1."""

    start: int
    end: int
    rule: str
    score: float


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:{pattern})(?![A-Za-z0-9_-])")


FORMS: dict[str, re.Pattern[str]] = {
    "aws access key": _form(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    "github token": _form(r"gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_[A-Za-z0-9_]{60,255}+"),
    "gitlab token": _form(r"gl(?:pat|dt|rt|cbt|ptt|soat|agent)-[A-Za-z0-9_-]{20,64}+"),
    "slack token": _form(r"xox[abeoprs]-[A-Za-z0-9-]{10,250}+|xapp-\d-[A-Z0-9]{8,16}-\d{8,16}-[a-f0-9]{32,80}"),
    "slack webhook": re.compile(r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/+]{20,90}+"),
    "discord webhook": re.compile(r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d{16,20}/[\w-]{50,90}+"),
    "discord token": _form(r"[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,38}"),
    "anthropic key": _form(r"sk-ant-[A-Za-z0-9_-]{20,200}+"),
    "openai key": _form(r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,250}+|sk-[A-Za-z0-9]{32,64}+"),
    "openrouter key": _form(r"sk-or-v1-[a-f0-9]{40,80}+"),
    "groq key": _form(r"gsk_[A-Za-z0-9]{40,64}+"),
    "xai key": _form(r"xai-[A-Za-z0-9]{60,90}+"),
    "hugging face token": _form(r"hf_[A-Za-z]{30,40}+|api_org_[A-Za-z]{30,40}+"),
    "replicate token": _form(r"r8_[A-Za-z0-9]{37}"),
    "langsmith key": _form(r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    "google key": _form(r"AIza[\w-]{35}"),
    "google token": _form(r"ya29\.[\w-]{20,500}+|GOCSPX-[\w-]{28}"),
    "stripe key": _form(r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,120}+|whsec_[A-Za-z0-9+/=]{32,64}+"),
    "square token": _form(r"sq0(?:atp|csp|idp)-[\w-]{22,43}|EAAA[\w-]{60}"),
    "twilio key": _form(r"(?:SK|AC)[a-f0-9]{32}"),
    "sendgrid key": _form(r"SG\.[\w-]{22}\.[\w-]{43}"),
    "mailgun key": _form(r"key-[a-f0-9]{32}"),
    "mailchimp key": _form(r"[a-f0-9]{32}-us\d{1,2}"),
    "npm token": _form(r"npm_[A-Za-z0-9]{36}"),
    "pypi token": _form(r"pypi-AgE[\w-]{50,500}+"),
    "docker token": _form(r"dckr_(?:pat|oat)_[\w-]{20,60}+"),
    "digitalocean token": _form(r"do[opr]_v1_[a-f0-9]{64}"),
    "databricks token": _form(r"dapi[a-f0-9]{32}(?:-\d)?"),
    "hashicorp token": _form(r"hv[sbr]\.[\w-]{24,300}+|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}"),
    "shopify token": _form(r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    "atlassian token": _form(r"ATATT3[\w=-]{100,250}+"),
    "notion token": _form(r"(?:secret|ntn)_[A-Za-z0-9]{40,50}+"),
    "linear key": _form(r"lin_api_[A-Za-z0-9]{40}"),
    "postman key": _form(r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    "grafana token": _form(r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    "new relic key": _form(r"NRAK-[A-Z0-9]{27}"),
    "sentry token": _form(r"sntry[su]_[A-Za-z0-9+/=_-]{40,300}+"),
    "telegram token": _form(r"\d{8,10}:AA[\w-]{33}"),
    "facebook token": _form(r"EAACEdEose0cBA[A-Za-z0-9]{20,200}+"),
    "age key": _form(r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    "kairos key": _form(r"kairos_[A-Za-z0-9_-]{20,100}+"),
    "azure storage key": re.compile(r"AccountKey=[A-Za-z0-9+/]{80,90}+={0,2}"),
    "azure shared access": re.compile(r"[?&]sig=[A-Za-z0-9%]{40,70}+"),
    "basic authorization": re.compile(r"\b[Aa]uthorization:? ?Basic [A-Za-z0-9+/]{8,500}+={0,2}"),
    "bearer": re.compile(r"\b[Bb]earer [A-Za-z0-9._~+/-]{20,2000}+={0,2}"),
}
_CREDENTIALS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:@/'\"<>]{0,100}+:([^\s@/'\"<>]{3,200}+)@[\w.\[\]:-]{1,250}", re.I)
_PRIVATE = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_END = re.compile(r"-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PUTTY = re.compile(r"PuTTY-User-Key-File-\d")
_JWT = _form(r"eyJ[\w-]{10,2000}+\.[\w-]{2,8000}+\.[\w-]{0,2000}+")
_NAMED = re.compile(
    r"(?i:(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_ -]?key|access[_ -]?key|private[_ -]?key|auth[_ -]?key|credential)s?)"
    r"[\w-]{0,20}+[\"'`]?(?:[ \t]*+(?::=|=>|[:=])[ \t]*+|[ \t]++(?:is|was)[ \t]*+:?[ \t]++)[\"'`]?([^\s\"'`,;<>(){}\[\]]{6,200})"
)
_PASSWORD = re.compile(r"(?i)pass|pwd")
_STAND_IN = re.compile(r"(?i)^(?:x+|\*+|\.+|your.*|my.*|example.*|change.?me.*|placeholder|none|null|true|false|undefined|redacted.*|\$.*|%.*|os\.environ.*|process\.env.*|self\..*|config\..*|settings\..*|get[a-z_]*|required|optional|string)$")


def find_secrets(text: str) -> list[Secret]:
    """The secrets in a text, in order, without overlaps; offsets are those of the text as given."""
    view = normalise(text)
    found: list[Secret] = []
    for one in sorted(_all(view.text), key=lambda one: (-one.score, one.start - one.end)):
        if all(one.end <= other.start or other.end <= one.start for other in found):
            found.append(one)
    spans = ((*view.span(one.start, one.end), one.rule, one.score) for one in found)
    return sorted((Secret(*span) for span in spans), key=lambda one: one.start)


def _all(text: str) -> Iterator[Secret]:
    for rule, pattern in FORMS.items():
        yield from (Secret(*match.span(), rule, 0.95) for match in pattern.finditer(text))
    yield from (Secret(*match.span(1), "credentials in an address", 0.96) for match in _CREDENTIALS.finditer(text))
    for begin in _PRIVATE.finditer(text):
        # Cut off or not: what follows the first line is the key.
        end = _PRIVATE_END.search(text, begin.end(), begin.end() + 20_000)
        yield Secret(begin.start(), end.end() if end else _lines_end(text, begin.end()), "private key", 0.99)
    yield from (Secret(match.start(), _lines_end(text, match.end()), "private key", 0.99) for match in _PUTTY.finditer(text))
    yield from (Secret(*match.span(), "jwt", 0.98) for match in _JWT.finditer(text) if _is_jwt(match[0]))
    yield from _named(text)


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
        if named or (entropy(value) >= ENTROPY and len(value) >= 12 and any(sign.isdigit() for sign in value)):
            yield Secret(match.start(1), match.start(1) + len(value), "named secret", 0.8)


def _mixed(value: str) -> bool:
    """Letters and something else: not a plain word."""
    return any(sign.isdigit() or not sign.isalnum() for sign in value) and any(sign.isalpha() for sign in value)


def entropy(value: str) -> float:
    """Bits a character (Shannon 1948) of the value's own letters."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
