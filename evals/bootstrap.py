"""95 % intervals by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13)."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from state.errors import KairosError

_DRAWS_AT_ONCE = 1_000_000


class Interval(TypedDict):
    """A statistic and its 95 % interval; all null where nothing was scored."""

    value: float | None
    low: float | None
    high: float | None


def interval(
    values: Sequence[float | None], samples: int = 1000, seed: int = 0, percentile: float | None = None
) -> Interval:
    """Mean (or the given percentile, 0 to 100) of the values and its 95 % interval, in their unit.

    None means unscored and is left out. Equal values give an interval of no width, whatever their number.
    Raises KairosError `eval_value_invalid` for a value that is not finite.
    """
    scored = np.array([value for value in values if value is not None], dtype=np.float64)
    if not np.isfinite(scored).all():
        raise KairosError("eval_value_invalid", "A measured value is not a finite number.")
    if not scored.size:
        return {"value": None, "low": None, "high": None}
    value = float(_statistic(scored[None, :], percentile)[0])
    low, high = np.percentile(_resampled(scored, samples, seed, percentile), [2.5, 97.5])
    return {"value": value, "low": float(low), "high": float(high)}


def mean_of_means(groups: Sequence[Sequence[float]], samples: int = 1000, seed: int = 0) -> Interval:
    """The mean of the groups' means and its 95 % interval, each group (not empty) resampled within itself.

    Of differences of pairs it is the paired bootstrap.
    """
    arrays = [np.array(group, dtype=np.float64) for group in groups]
    drawn = [_resampled(values, samples, seed + at, None) for at, values in enumerate(arrays)]
    low, high = np.percentile(np.mean(drawn, axis=0), [2.5, 97.5])
    return {"value": float(np.mean([own.mean() for own in arrays])), "low": float(low), "high": float(high)}


def _resampled(
    values: NDArray[np.float64], samples: int, seed: int, percentile: float | None
) -> NDArray[np.float64]:
    """The statistic of `samples` resamples, shape (samples,), drawn in blocks that bound the memory."""
    random = np.random.default_rng(seed)
    block = max(1, _DRAWS_AT_ONCE // values.size)
    parts = []
    for done in range(0, samples, block):
        drawn = random.integers(values.size, size=(min(block, samples - done), values.size))
        parts.append(_statistic(values[drawn], percentile))
    return np.concatenate(parts)


def _statistic(rows: NDArray[np.float64], percentile: float | None) -> NDArray[np.float64]:
    result = rows.mean(axis=1) if percentile is None else np.percentile(rows, percentile, axis=1)
    return np.asarray(result, dtype=np.float64)
