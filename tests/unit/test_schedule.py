"""Cron expressions: which are taken, when they come next, and what is said of those that are wrong."""

from datetime import UTC, datetime

import pytest

from state.errors import KairosError
from tools.schedule import next_after

SATURDAY = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 * * * *", "2026-11-21 08:00"),
        ("30 7 * * *", "2026-11-22 07:30"),
        ("*/15 * * * *", "2026-11-21 07:45"),
        ("0 6 * * MON-FRI", "2026-11-23 06:00"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("  5  4 1 1  * ", "2027-01-01 04:05"),
    ],
)
def test_the_next_time_comes_after_the_given_one(expression: str, expected: str) -> None:
    assert f"{next_after(expression, SATURDAY):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    ("expression", "cause"),
    [
        ("", "needs minute, hour, day, month and weekday"),
        ("hourly", "needs minute, hour"),
        ("* * * * * *", "needs minute, hour"),
        ("@daily", "needs minute, hour"),
        ("61 * * * *", "minute is wrong"),
        ("0 24 * * *", "hour is wrong"),
        ("0 0 31 2 *", "day-of-month is wrong"),
        ("0 0 * 13 *", "month is wrong"),
        ("0 0 * * 9", "day-of-week is wrong"),
        ("*/0 * * * *", "minute is wrong"),
        ("\u0663 * * * *", "minute is wrong"),
        ("-1 * * * *", "minute is wrong"),
        ("9" * 5000 + " * * * *", "too long"),
    ],
)
def test_what_is_no_schedule_is_refused_with_its_field(expression: str, cause: str) -> None:
    with pytest.raises(KairosError, match=cause) as refused:
        next_after(expression, SATURDAY)
    assert refused.value.code == "schedule_invalid"
    assert len(refused.value.sentence) < 400
