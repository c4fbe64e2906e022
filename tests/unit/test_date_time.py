"""Dates and times: zones, calendars and working days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.errors import KairosError
from state.identity import Identity
from tools.builtin.date_time import DATE_TIME

US = Identity("default", "ada")
DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))


async def call(**arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await DATE_TIME.call(arguments, US)).structured
    return found


async def test_now_is_now_in_any_zone() -> None:
    found = datetime.fromisoformat((await call(operation="now", zone="Asia/Tokyo"))["value"])
    assert found.utcoffset() == timedelta(hours=9)
    assert abs(datetime.now(UTC) - found) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (
            {
                "operation": "convert",
                "start": "2026-07-01T12:00",
                "zone": "America/New_York",
                "to_zone": "Asia/Kolkata",
            },
            "2026-07-01T21:30:00+05:30",
        ),
        (
            {"operation": "convert", "start": "2026-01-01T00:00+02:00", "to_zone": "UTC"},
            "2025-12-31T22:00:00+00:00",
        ),
        (
            {"operation": "convert", "start": "2026-03-29T02:30", "zone": "Europe/Berlin", "to_zone": "UTC"},
            "2026-03-29T01:30:00+00:00",
        ),
        ({"operation": "add", "start": "2026-01-31", "amounts": {"months": 1}}, "2026-02-28"),
        ({"operation": "add", "start": "2024-02-29", "amounts": {"years": 1}}, "2025-02-28"),
        ({"operation": "add", "start": "2026-12-31", "amounts": {"months": 2}}, "2027-02-28"),
        ({"operation": "add", "start": "2026-10-31", "amounts": {"months": 1, "days": -30}}, "2026-10-31"),
        (
            {
                "operation": "add",
                "start": "2026-03-28T12:00",
                "zone": "Europe/Berlin",
                "amounts": {"days": 1},
            },
            "2026-03-29T12:00:00+02:00",
        ),
        (
            {
                "operation": "add",
                "start": "2026-03-28T12:00",
                "zone": "Europe/Berlin",
                "amounts": {"hours": 24},
            },
            "2026-03-29T13:00:00+02:00",
        ),
        (
            {"operation": "add", "start": "2026-03-28", "amounts": {"minutes": 90}},
            "2026-03-28T01:30:00+00:00",
        ),
        ({"operation": "add_business_days", "start": "2026-11-20", "days": 1}, "2026-11-23"),
        ({"operation": "add_business_days", "start": "2026-11-21", "days": -1}, "2026-11-20"),
        (
            {
                "operation": "add_business_days",
                "start": "2026-12-24",
                "days": 1,
                "holidays": ["2026-12-25", "2026-12-28"],
            },
            "2026-12-29",
        ),
    ],
)
async def test_it_reckons(arguments: dict[str, Any], value: str) -> None:
    assert (await call(**arguments))["value"] == value


async def test_a_difference_counts_days_working_days_and_seconds() -> None:
    found = await call(
        operation="difference", start="2026-11-20", end="2026-11-30", holidays=["2026-11-26", "2026-11-28"]
    )
    assert found == {"calendar_days": 10, "business_days": 5, "seconds": 864_000.0}
    night = await call(
        operation="difference", start="2026-03-29T00:00", end="2026-03-29T06:00", zone="Europe/Berlin"
    )
    assert night["seconds"] == 5 * 3600


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"operation": "now", "zone": "../../etc/passwd"}, "time_zone_unknown"),
        ({"operation": "now", "zone": "/etc/passwd"}, "time_zone_unknown"),
        ({"operation": "now", "zone": "Mars/Base"}, "time_zone_unknown"),
        ({"operation": "now", "zone": ""}, "time_zone_unknown"),
        ({"operation": "now", "zone": "a\0b"}, "time_zone_unknown"),
        ({"operation": "convert", "start": "2026-01-01"}, "date_time_invalid"),
        ({"operation": "add", "start": "next Thursday", "amounts": {"days": 1}}, "date_time_invalid"),
        ({"operation": "add", "start": "2026-02-30", "amounts": {"days": 1}}, "date_time_invalid"),
        ({"operation": "add", "start": "2026-02-01", "amounts": {"years": 10**9}}, "date_time_invalid"),
        (
            {"operation": "add", "start": "2026-02-01", "amounts": {"seconds": 10**9, "weeks": 10**9}},
            "date_time_invalid",
        ),
        (
            {"operation": "add", "start": "0001-01-01T00:00+14:00", "amounts": {"days": 1}},
            "date_time_invalid",
        ),
        ({"operation": "add_business_days", "start": "9999-12-30", "days": 9}, "date_time_invalid"),
        (
            {"operation": "add_business_days", "start": "2026-01-01", "days": 1, "holidays": ["x"]},
            "date_time_invalid",
        ),
        ({"operation": "difference", "start": "2026-01-01", "end": "0001-01-01"}, "date_time_invalid"),
        ({"operation": "fly"}, "tool_arguments_invalid"),
        ({"operation": "add", "start": "2026-01-01", "amounts": {}}, "tool_arguments_invalid"),
        ({"operation": "add_business_days", "start": "2026-01-01", "days": 10**9}, "tool_arguments_invalid"),
    ],
)
async def test_what_cannot_be_reckoned_is_told(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(KairosError) as refused:
        await call(**arguments)
    assert refused.value.code == code


@given(DAYS, st.integers(-400, 400))
async def test_business_days_agree_with_counting(day: date, days: int) -> None:
    later = (await call(operation="add_business_days", start=str(day), days=days))["value"]
    back = await call(operation="difference", start=str(day), end=later)
    step = 1 if days >= 0 else -1
    counted, at = 0, day
    while str(at) != later:
        at += timedelta(days=step)
        counted += step * (at.weekday() < 5)
    assert counted == days
    if day.weekday() < 5:
        assert back["business_days"] == days
