"""Secrets are found in what people paste; words about secrets are not secrets."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.guard.secrets import find_secrets

NOISE = "q7Zr2Vx9Lm4Tt8Kp1Wc6Yb3Nd5Hf0JsGa2Ue7Ro9Xi4Qv"
HEX = "3f9c1e7a5b2d8046" * 4
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (json.dumps({"alg": "HS256", "typ": "JWT"}).encode(), b'{"sub":"1"}', b"signature-bytes")
)


@pytest.mark.parametrize(
    ("secret", "rule"),
    [
        ("AKIA" + "QWERTZUIOPASDFGH", "aws access key"),
        ("ghp_" + NOISE[:36], "github token"),
        ("glpat-" + NOISE[:20], "gitlab token"),
        ("xoxb-" + "123456789012-" + NOISE[:24], "slack token"),
        ("sk-ant-api03-" + NOISE, "anthropic key"),
        ("sk-proj-" + NOISE, "openai key"),
        ("hf_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH", "hugging face token"),
        ("AIza" + NOISE[:35], "google key"),
        ("sk_live_" + NOISE[:24], "stripe key"),
        ("npm_" + NOISE[:36], "npm token"),
        ("SG." + NOISE[:22] + "." + NOISE[:43], "sendgrid key"),
        ("dop_v1_" + HEX, "digitalocean token"),
        ("hvs." + NOISE[:30], "hashicorp token"),
        ("12345678:AA" + NOISE[:33], "telegram token"),
        (JWT, "jwt"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "my key: {}, thanks", 'x="{}"', "({})\n"])
def test_published_forms_are_found(secret: str, rule: str, around: str) -> None:
    text = around.format(secret)
    assert [(one.rule, text[one.start : one.end]) for one in find_secrets(text)] == [(rule, secret)]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgres://app:pa55word@db.internal:5432/x", "pa55word"),
        ("https://user:t0ken!x@host/path", "t0ken!x"),
        ("password: hunter2x", "hunter2x"),
        ("my password is Tr0ub4dor&3, ok?", "Tr0ub4dor&3"),
        ('"api_key": "9f8a7c6b5d4e3f2a1b0c"', "9f8a7c6b5d4e3f2a1b0c"),
        ("SECRET_TOKEN=9f8a7c6b5d4e3f2a1b0c", "9f8a7c6b5d4e3f2a1b0c"),
        ("pass\u200bword: hunter2x", "hunter2x"),
    ],
)
def test_named_secrets_are_found(text: str, secret: str) -> None:
    assert [text[one.start : one.end] for one in find_secrets(text)] == [secret]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_is_found_whole(kind: str) -> None:
    block = f"-----BEGIN {kind}PRIVATE KEY-----\n{NOISE}\n{NOISE}\n-----END {kind}PRIVATE KEY-----"
    text = f"here:\n{block}\nbye"
    assert [text[one.start : one.end] for one in find_secrets(text)] == [block]
    cut = text[: text.index("-----END")]
    assert find_secrets(cut)[0].end >= cut.rindex(NOISE) + len(NOISE)


@pytest.mark.parametrize(
    "text",
    [
        "How do I reset my password?",
        "The password must have 8 letters and 1 digit.",
        "password = os.environ['PASSWORD']",
        "password: ********",
        "api_key: your-api-key-here1",
        "token: <token>",
        "see https://example.org/a:b@c",
        "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
        "eyJub3QiOiJqd3QifQ.e30.x",
        "commit 3f9c1e7a5b2d80463f9c1e7a5b2d80463f9c1e7a",
    ],
)
def test_what_is_no_secret_is_left(text: str) -> None:
    assert find_secrets(text) == []


@given(st.text(max_size=300))
def test_secrets_are_in_order_and_inside(text: str) -> None:
    at = 0
    for one in find_secrets(text):
        assert at <= one.start < one.end <= len(text)
        at = one.end


@pytest.mark.parametrize(
    "unit", ["eyJ", "-----BEGIN PRIVATE KEY-----", "://a:", "sk-", "Bearer ", "password is ", "AKIA"]
)
def test_hostile_repeats_of_secrets_end(unit: str) -> None:
    find_secrets(unit * (200_000 // len(unit)))
