"""Working days: Monday to Friday without holidays."""

from datetime import date, timedelta


def later(day: date, count: int, holidays: set[date]) -> date:
    """The day that so many working days after `day` is; before it, if negative. Raises OverflowError."""
    step, left = timedelta(days=1 if count >= 0 else -1), abs(count)
    while left:
        day += step
        left -= day.weekday() < 5 and day not in holidays
    return day


def between(start: date, end: date, holidays: set[date]) -> int:
    """Working days after `start` up to and with `end`; negative if that is earlier."""
    if end < start:
        return -between(end - timedelta(days=1), start - timedelta(days=1), holidays)
    weeks, rest = divmod((end - start).days, 7)
    tail = (end - timedelta(days=back) for back in range(rest))
    off = sum(1 for day in holidays if start < day <= end and day.weekday() < 5)
    return weeks * 5 + sum(1 for day in tail if day.weekday() < 5) - off
