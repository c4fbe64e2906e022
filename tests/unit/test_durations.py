"""Stretches of time and sums of money as people type them."""

from datetime import UTC, datetime, timedelta

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from app.commands.budgets import nano_usd
from app.durations import duration, since
from state.postgres.verdicts import dollars

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@given(st.integers(0, 99_999), st.sampled_from([("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]))
def test_a_number_and_a_unit(number: int, unit: tuple[str, int]) -> None:
    assert duration(f" {number}{unit[0]}") == timedelta(seconds=number * unit[1])


def test_nothing_needs_no_unit() -> None:
    assert duration("0") == timedelta()


@pytest.mark.parametrize("value", ["", "7", "-1h", "1w", "1.5h", "1 h", "٣h", "100000d"])
def test_what_is_no_stretch_of_time_is_misuse(value: str) -> None:
    with pytest.raises(typer.BadParameter, match="no stretch of time"):
        duration(value)


def test_since_takes_dates_times_and_stretches() -> None:
    assert since("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    assert since("2026-11-01T10:00+02:00") == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert since("7d", NOW) == datetime(2026, 11, 14, 12, tzinfo=UTC)
    with pytest.raises(typer.BadParameter):
        since("yesterday", NOW)
    with pytest.raises(typer.BadParameter):
        since("999999d", NOW)


@given(st.integers(0, 10**15))
def test_dollars_are_read_as_they_are_written(value: int) -> None:
    assert nano_usd(dollars(value)) == value


@pytest.mark.parametrize(("value", "nano"), [("$5", 5 * 10**9), ("0.0000000001", 1), (" 0.25 ", 250_000_000)])
def test_dollars_are_rounded_up(value: str, nano: int) -> None:
    assert nano_usd(value) == nano


@pytest.mark.parametrize("value", ["", "five", "nan", "inf", "1,5", "1e999999999"])
def test_what_is_no_sum_is_misuse(value: str) -> None:
    with pytest.raises(typer.BadParameter, match="no sum of dollars"):
        nano_usd(value)
