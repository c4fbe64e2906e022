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

ENTROPY = 3.2
"""Bits a character from which a value named as a secret counts as random (base64 has 4, words under 3)."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Characters `start` to `end` (exclusive) hold a secret of this rule; `score` is in 0..1."""

    start: int
    end: int
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Form:
    """What keys of one provider look like; one of the words of `holds` stands in each, so others cost nothing."""

    rule: str
    holds: tuple[str, ...]
    pattern: re.Pattern[str]


def _key(rule: str, holds: str, pattern: str) -> Form:
    return Form(rule, tuple(holds.split()), re.compile(rf"(?<![A-Za-z0-9_-])(?:{pattern})(?![A-Za-z0-9_-])"))


FORMS: tuple[Form, ...] = (
    _key("aws access key", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    _key(
        "github token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_[A-Za-z0-9_]{60,255}+",
    ),
    _key(
        "gitlab token",
        "glpat- gldt- glrt- glcbt- glptt- glsoat- glagent-",
        r"gl(?:pat|dt|rt|cbt|ptt|soat|agent)-[A-Za-z0-9_-]{20,64}+",
    ),
    _key(
        "slack token",
        "xox xapp-",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,250}+|xapp-\d-[A-Z0-9]{8,16}-\d{8,16}-[a-f0-9]{32,80}",
    ),
    Form(
        "slack webhook",
        ("hooks.slack.com",),
        re.compile(r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/+]{20,90}+"),
    ),
    Form(
        "discord webhook",
        ("api/webhooks",),
        re.compile(r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d{16,20}/[\w-]{50,90}+"),
    ),
    _key("anthropic key", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,200}+"),
    _key(
        "openai key", "sk-", r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,250}+|sk-[A-Za-z0-9]{32,64}+"
    ),
    _key("openrouter key", "sk-or-", r"sk-or-v1-[a-f0-9]{40,80}+"),
    _key("groq key", "gsk_", r"gsk_[A-Za-z0-9]{40,64}+"),
    _key("xai key", "xai-", r"xai-[A-Za-z0-9]{60,90}+"),
    _key("hugging face token", "hf_ api_org_", r"hf_[A-Za-z]{30,40}+|api_org_[A-Za-z]{30,40}+"),
    _key("replicate token", "r8_", r"r8_[A-Za-z0-9]{37}"),
    _key("langsmith key", "lsv2_", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    _key("google key", "AIza", r"AIza[\w-]{35}"),
    _key("google token", "ya29. GOCSPX-", r"ya29\.[\w-]{20,500}+|GOCSPX-[\w-]{28}"),
    _key(
        "stripe key",
        "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
        r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,120}+|whsec_[A-Za-z0-9+/=]{32,64}+",
    ),
    _key("square token", "sq0 EAAA", r"sq0(?:atp|csp|idp)-[\w-]{22,43}|EAAA[\w-]{60}"),
    _key("twilio key", "SK AC", r"(?:SK|AC)[a-f0-9]{32}"),
    _key("sendgrid key", "SG.", r"SG\.[\w-]{22}\.[\w-]{43}"),
    _key("mailgun key", "key-", r"key-[a-f0-9]{32}"),
    _key("mailchimp key", "-us", r"[a-f0-9]{32}-us\d{1,2}"),
    _key("npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _key("pypi token", "pypi-AgE", r"pypi-AgE[\w-]{50,500}+"),
    _key("docker token", "dckr_", r"dckr_(?:pat|oat)_[\w-]{20,60}+"),
    _key("digitalocean token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _key("databricks token", "dapi", r"dapi[a-f0-9]{32}(?:-\d)?"),
    _key(
        "hashicorp token",
        "hvs. hvb. hvr. .atlasv1.",
        r"hv[sbr]\.[\w-]{24,300}+|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}",
    ),
    _key("shopify token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _key("atlassian token", "ATATT3", r"ATATT3[\w=-]{100,250}+"),
    _key("notion token", "secret_ ntn_", r"(?:secret|ntn)_[A-Za-z0-9]{40,50}+"),
    _key("linear key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _key("postman key", "PMAK-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _key("grafana token", "glsa_ glc_", r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _key("new relic key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _key("sentry token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9+/=_-]{40,300}+"),
    _key("telegram token", ":AA", r"\d{8,10}:AA[\w-]{33}"),
    _key("age key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    _key("kairos key", "kairos_", r"kairos_[A-Za-z0-9_-]{20,100}+"),
    Form("azure storage key", ("AccountKey=",), re.compile(r"AccountKey=[A-Za-z0-9+/]{80,90}+={0,2}")),
    Form("azure shared access", ("sig=",), re.compile(r"[?&]sig=[A-Za-z0-9%]{40,70}+")),
    Form(
        "basic authorization",
        ("Basic",),
        re.compile(r"\b[Aa]uthorization:? ?Basic [A-Za-z0-9+/]{8,500}+={0,2}"),
    ),
    Form("bearer", ("earer",), re.compile(r"\b[Bb]earer [A-Za-z0-9._~+/-]{20,2000}+={0,2}")),
)
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
