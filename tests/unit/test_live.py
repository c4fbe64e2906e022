"""What a process learns of deployments from its own calls, with a clock of its own."""

from tools.models.breaker import LONGEST_OPEN_S
from tools.models.faults import UpstreamError
from tools.models.live import TIMED_FOR_S, Statistics
from tools.models.ranking import FAILING


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_error_rate_of_what_nobody_calls_any_more_fades_while_its_breaker_is_open() -> None:
    clock = Clock()
    statistics = Statistics(clock)
    for _ in range(50):
        statistics.failed("a", UpstreamError("failed"))
    assert statistics.now(["a"])["a"].error_rate > FAILING
    clock.now += LONGEST_OPEN_S
    seen = statistics.now(["a"])["a"]
    assert not seen.is_open
    assert seen.error_rate < FAILING


def test_answers_lower_the_error_rate() -> None:
    clock = Clock()
    statistics = Statistics(clock)
    statistics.failed("a", UpstreamError("failed"))
    before = statistics.now(["a"])["a"].error_rate
    statistics.answered("a", 0.1)
    assert 0 < statistics.now(["a"])["a"].error_rate < before


def test_a_latency_is_forgotten_when_nobody_has_been_answered_for_long() -> None:
    clock = Clock()
    statistics = Statistics(clock)
    statistics.answered("a", 3.0)
    assert statistics.now(["a"])["a"].first_token_s == 3.0
    clock.now += TIMED_FOR_S
    assert statistics.now(["a"])["a"].first_token_s is None
