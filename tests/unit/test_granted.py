"""What a provider grants a minute, with a clock of its own."""

from tools.models.entry import Limits
from tools.models.granted import Granted


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_requests_are_used_up_and_come_back_with_time() -> None:
    clock = Clock()
    granted = Granted(Limits(requests_per_minute=6), clock)
    for _ in range(6):
        assert not granted.is_used_up()
        granted.take(1, 100)
    assert granted.is_used_up()
    clock.now += 9.9
    assert granted.is_used_up()
    clock.now += 0.2
    assert not granted.is_used_up()


def test_tokens_that_were_overdrawn_are_waited_for() -> None:
    clock = Clock()
    granted = Granted(Limits(tokens_per_minute=600), clock)
    granted.take(1, 1200)
    clock.now += 59
    assert granted.is_used_up()
    clock.now += 2
    assert not granted.is_used_up()


def test_an_idle_hour_grants_no_more_than_a_minute() -> None:
    clock = Clock()
    granted = Granted(Limits(requests_per_minute=1), clock)
    clock.now += 3600
    granted.take(1, 0)
    assert granted.is_used_up()


def test_a_clock_that_jumps_back_takes_nothing_away_for_good() -> None:
    clock = Clock()
    granted = Granted(Limits(requests_per_minute=60), clock)
    clock.now -= 3600
    assert not granted.is_used_up()
    granted.take(60, 0)
    assert granted.is_used_up()
    clock.now += 1
    assert not granted.is_used_up()


def test_without_limits_nothing_is_used_up() -> None:
    granted = Granted(Limits())
    granted.take(10**6, 10**9)
    assert not granted.is_used_up()
