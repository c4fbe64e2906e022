"""Bootstrap intervals: known cases, coverage, order, and values that cannot be used."""

import json
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import bootstrap
from evals.bootstrap import interval
from state.errors import KairosError


def test_nothing_scored_is_null() -> None:
    assert interval([]) == interval([None, None]) == {"value": None, "low": None, "high": None}


def test_unscored_values_are_left_out() -> None:
    assert interval([1.0, None, 0.0, None]) == interval([1.0, 0.0])
    assert interval([1.0, None])["value"] == 1


def test_mean_agrees_with_the_normal_approximation() -> None:
    values = np.random.default_rng(3).normal(10, 2, 400)
    result = interval(values.tolist())
    half = 1.96 * values.std() / 20
    assert result["value"] == pytest.approx(values.mean())
    assert result["low"] == pytest.approx(values.mean() - half, abs=0.03)
    assert result["high"] == pytest.approx(values.mean() + half, abs=0.03)


def test_about_95_of_100_intervals_hold_the_true_mean() -> None:
    random = np.random.default_rng(5)
    held = 0
    for seed in range(200):
        result = interval((random.random(60) < 0.6).astype(float).tolist(), seed=seed)
        assert result["low"] is not None
        assert result["high"] is not None
        held += result["low"] <= 0.6 <= result["high"]
    assert 178 <= held <= 198


def test_percentile_statistics() -> None:
    values = [float(value) for value in range(1, 1001)]
    p50, p95 = interval(values, percentile=50), interval(values, percentile=95)
    assert p50["value"] == pytest.approx(500.5)
    assert p95["value"] == pytest.approx(950.05)
    # Order statistics: 1.96 * sqrt(n q (1 - q)) ranks either side, here 31 and 13.5.
    assert p50["low"] == pytest.approx(469.5, abs=4)
    assert p95["high"] == pytest.approx(963.5, abs=3)


def test_the_seed_decides() -> None:
    values = [0.0, 1.0, 4.0, 9.0, 2.0]
    assert interval(values) == interval(values)
    assert interval(values, seed=1, samples=50) != interval(values, seed=2, samples=50)


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [0.0, 1.0, 4.0, 9.0, 2.0]
    whole = interval(values)
    monkeypatch.setattr(bootstrap, "_DRAWS_AT_ONCE", 64)
    assert interval(values) == whole


@pytest.mark.parametrize("value", [nan, inf])
def test_a_value_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(KairosError) as caught:
        interval([1.0, value])
    assert caught.value.code == "eval_value_invalid"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from([None, 50.0, 95.0]))
def test_interval_lies_within_the_values_and_is_json(values: list[float], percentile: float | None) -> None:
    result = interval(values, samples=50, percentile=percentile)
    assert result["value"] is not None
    assert result["low"] is not None
    assert result["high"] is not None
    slack = 1e-9 * max(map(abs, values)) + 1e-300
    assert min(values) - slack <= result["low"] <= result["high"] <= max(values) + slack
    assert min(values) - slack <= result["value"] <= max(values) + slack
    assert json.loads(json.dumps(result)) == result


def test_equal_values_have_no_width() -> None:
    assert interval([0.5] * 7) == {"value": 0.5, "low": 0.5, "high": 0.5}
