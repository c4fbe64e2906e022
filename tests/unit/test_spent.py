"""What calls use and cost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.models.entry import Entry
from tools.models.spent import Usage, estimated, letters, nano_usd, usage_of


def entry(**prices: float) -> Entry:
    return Entry(
        name="a", provider="openai_compatible", model="a", base_url="http://127.0.0.1:1/v1", **prices
    )


def test_cost_in_nano_dollars() -> None:
    priced = entry(input_price=2.5, output_price=10, cached_price=1.25)
    assert nano_usd(priced, Usage(1_000_000, 200_000)) == 4_500_000_000
    assert nano_usd(priced, Usage(1_000_000, 0, 1_000_000)) == 1_250_000_000
    assert nano_usd(entry(input_price=2.5, output_price=10), Usage(10, 0, 10)) == 25_000
    assert nano_usd(entry(input_price=0.0001, output_price=0), Usage(1, 0)) == 1, "rounded up"
    assert nano_usd(entry(input_price=1), Usage(1, 1)) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1000), st.floats(0, 1000))
def test_more_tokens_never_cost_less(read: int, wrote: int, input_price: float, output_price: float) -> None:
    priced = entry(input_price=input_price, output_price=output_price)
    cost, more = nano_usd(priced, Usage(read, wrote)), nano_usd(priced, Usage(read + 1, wrote + 1))
    assert cost is not None
    assert more is not None
    assert 0 <= cost <= more


@pytest.mark.parametrize(
    ("stated", "usage"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 2}, Usage(5, 2)),
        ({"prompt_tokens": 5}, Usage(5, 0)),
        (
            {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 3}},
            Usage(5, 2, 3),
        ),
        (
            {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 9}},
            Usage(5, 2, 5),
        ),
        (
            {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": -1}},
            Usage(5, 2),
        ),
        ({"prompt_tokens": 5, "completion_tokens": -2}, None),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": "5", "completion_tokens": 2}, None),
        ({"prompt_tokens": True, "completion_tokens": 2}, None),
        ([], None),
        (None, None),
    ],
)
def test_usage_is_believed_only_where_it_makes_sense(stated: Any, usage: Usage | None) -> None:
    assert usage_of({"usage": stated}) == usage


def test_what_nobody_counted_is_estimated_from_above() -> None:
    assert estimated(100, 0) == Usage(100, 0)
    assert estimated(100, 1) == Usage(100, 1)
    assert estimated(100, 300) == Usage(100, 100)


def test_tool_calls_count_as_said() -> None:
    call = {"function": {"name": "f", "arguments": "x" * 100}}
    said = {
        "choices": [{"message": {"content": "four"}}, {"message": {"content": None, "tool_calls": [call]}}]
    }
    assert letters(said) > 104
    assert letters({"choices": [{"message": {"content": "four"}}, {"message": None}]}) == 4
    assert letters({}) == 0
