"""Filters as they are typed: values, ranges, days, and what is wrong with them."""

from datetime import UTC, date, datetime

import pytest

from app.filters import typed_filters
from state.errors import KairosError
from state.filters import AnyOf, Condition, DateRange, Filters, NumberRange


def where(*typed: str) -> tuple[Condition, ...]:
    return tuple(typed_filters((), typed, None, None, ()).metadata)


def test_nothing_typed_limits_nothing() -> None:
    assert not typed_filters((), (), None, None, ())


def test_every_option_reaches_its_filter() -> None:
    made = typed_filters(["handbook", "news"], ["team=lamp"], "2026-01-31", "2026-02-01", ["en"])
    assert made == Filters(
        collections=("handbook", "news"),
        metadata=(AnyOf("team", ("lamp",)),),
        languages=("en",),
        updated_after=datetime(2026, 1, 31, tzinfo=UTC),
        updated_before=datetime(2026, 2, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("team=lamp", AnyOf("team", ("lamp",))),
        (" team = lamp & fog = 1 ", AnyOf("team", ("lamp & fog = 1",))),
        ("level>=3", NumberRange("level", low=3)),
        ("level <= -2.5", NumberRange("level", high=-2.5)),
        ("valid>=2026-01-31", DateRange("valid", low=date(2026, 1, 31))),
        ("valid<=2026-01-31", DateRange("valid", high=date(2026, 1, 31))),
    ],
)
def test_a_condition(typed: str, condition: Condition) -> None:
    assert where(typed) == (condition,)


def test_values_of_one_key_are_alternatives() -> None:
    assert where("team=lamp", "level>=1", "team=fog") == (
        NumberRange("level", low=1),
        AnyOf("team", ("lamp", "fog")),
    )


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "team",
        "=lamp",
        "team=",
        "level>3",
        "level>=high",
        "level>=nan",
        "valid>=2026-13-01",
        "a>=2026-2-1",
    ],
)
def test_what_is_no_condition_is_named(typed: str) -> None:
    with pytest.raises(KairosError) as caught:
        where(typed)
    assert caught.value.code == "filter_invalid"


@pytest.mark.parametrize("typed", ["", "yesterday", "2026-02-30"])
def test_what_is_no_day_is_named(typed: str) -> None:
    with pytest.raises(KairosError) as caught:
        typed_filters((), (), typed, None, ())
    assert caught.value.code == "filter_invalid"
