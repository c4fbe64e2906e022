"""The circuit breaker, with a clock of its own."""

from tools.models.breaker import FAILURES_IN_A_ROW, LONGEST_OPEN_S, OPEN_S, Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened() -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_IN_A_ROW - 1):
        assert breaker.enter()
        assert not breaker.failed()
    assert breaker.failed()
    return breaker, clock


def test_it_opens_after_failures_in_a_row() -> None:
    breaker, _ = opened()
    assert breaker.is_open
    assert not breaker.enter()


def test_a_success_in_between_keeps_it_closed() -> None:
    breaker = Breaker(Clock())
    for _ in range(FAILURES_IN_A_ROW - 1):
        breaker.failed()
    breaker.succeeded()
    assert not breaker.failed()
    assert breaker.enter()


def test_it_opens_when_half_of_the_last_calls_failed() -> None:
    breaker = Breaker(Clock())
    for _ in range(9):
        breaker.succeeded()
        assert not breaker.failed()
    breaker.succeeded()
    assert breaker.failed()
    assert breaker.is_open


def test_one_probe_passes_and_its_success_closes_it() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    assert breaker.enter()
    assert not breaker.enter(), "a second probe"
    breaker.succeeded()
    assert breaker.enter()
    assert breaker.enter()


def test_a_probe_that_fails_opens_it_for_longer_but_never_for_more_than_ten_seconds() -> None:
    breaker, clock = opened()
    pauses = []
    for _ in range(8):
        assert breaker.open_until is not None
        clock.now = breaker.open_until
        assert breaker.enter()
        breaker.failed()
        pauses.append(breaker.open_until - clock.now)
    assert pauses == sorted(pauses)
    assert pauses[0] > OPEN_S
    assert pauses[-1] == LONGEST_OPEN_S < 10


def test_failures_of_calls_that_began_before_it_opened_do_not_keep_it_open_for_longer() -> None:
    breaker, clock = opened()
    before = breaker.open_until
    assert not breaker.failed()
    assert breaker.open_until == before
    clock.now += OPEN_S
    assert breaker.enter()


def test_a_probe_whose_caller_has_gone_does_not_close_the_way_for_ever() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    assert breaker.enter()
    clock.now += LONGEST_OPEN_S
    assert breaker.enter()


def test_a_probe_that_says_nothing_frees_the_way_for_another() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    assert breaker.enter()
    breaker.abandoned()
    assert breaker.enter()


def test_retry_after_opens_it_at_once_for_as_long() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    assert breaker.failed(retry_after=7.0)
    clock.now += 6.9
    assert not breaker.enter()
    clock.now += 0.2
    assert breaker.enter()


def test_what_another_process_found_out_opens_it_here() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.open(2.0)
    assert breaker.is_open
    clock.now += 2.0
    assert breaker.enter()
