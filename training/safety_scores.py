"""From logits to probabilities, thresholds and printed figures. See training/safety.py."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.safety_net import FALSE_ALARMS, Chosen, Data, Floats, weights


def platt(found: Floats, target: Floats, weight: Floats) -> tuple[float, float]:
    """Slope and offset of the logistic curve (Platt 1999), by Newton's method."""
    taught = ~np.isnan(target)
    rows = np.stack([found[taught], np.ones(taught.sum())], axis=1).astype(np.float64)
    theta = np.array([1.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(rows @ theta, -30, 30)))
        curvature = (rows * (weight[taught] * p * (1 - p))[:, None]).T @ rows + 1e-2 * np.eye(2)
        step = np.linalg.solve(curvature, rows.T @ (weight[taught] * (target[taught] - p)))
        theta += np.clip(step, -0.3, 0.3)  # a full step may overshoot where the classes hardly overlap
    return float(theta[0]), float(theta[1])


def calibrated(data: Data, plain: Floats, known: Floats, usable: Chosen) -> tuple[Floats, Floats, Floats]:
    """Scales (2, 2, heads) of the logistic curves, and the probabilities without and with the vector."""
    weight = weights(data, usable).numpy()
    target = data.targets.numpy().copy()
    target[~usable] = np.nan
    scales = np.zeros((2, 2, target.shape[1]), np.float32)
    found = [plain.copy(), known.copy()]
    for which, values in enumerate((plain, known)):
        for head in range(target.shape[1]):
            slope, offset = platt(values[:, head], target[:, head], weight)
            scales[which, :, head] = slope, offset
            found[which][:, head] = 1 / (1 + np.exp(-(slope * values[:, head] + offset)))
    return scales, found[0], found[1]


def pieces_of(data: Data, plain: Floats) -> dict[int, list[int]]:
    """The rows of each document, the worst first."""
    pieces: dict[int, list[int]] = {}
    for row, described in enumerate(data.rows):
        pieces.setdefault(described["document"], []).append(row)
    return {document: sorted(rows, key=lambda row: -plain[row, 0]) for document, rows in pieces.items()}


def worst_piece(rows: Sequence[int], plain: Floats, known: Floats, calm: float) -> float:
    """The score of a document: its worst piece, the worst two of them read with their vectors unless they are calm."""
    return max(
        float((known if at < 2 and plain[row, 0] >= calm else plain)[row, 0]) for at, row in enumerate(rows)
    )


def threshold(scores: Floats, sources: Sequence[str], share: float) -> float:
    """The score that `share` of the harmless texts reach, each source counting the same."""
    number = {name: sources.count(name) for name in set(sources)}
    weight = np.array([1 / number[name] for name in sources])
    order = np.argsort(-scores)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(scores[order][np.searchsorted(reached, share)])


def print_shares(what: str, keys: Sequence[str], refused: Chosen, chosen: Chosen) -> None:
    """How much of each group of the chosen texts is refused."""
    print(f"-- {what}: share refused, by networks that were not trained on them")
    for key in sorted({key for key, used in zip(keys, chosen, strict=True) if used}):
        own = refused[chosen & np.array([key == other for other in keys])]
        print(f"{key:60s} n {len(own):5d}  {own.mean():.3f}")


def print_recall(source: str, rows: Sequence[dict[str, Any]], scores: Floats) -> None:
    """Recall where 1 % of the harmless documents of the same source are refused."""
    own = np.array([row["source"] == source for row in rows])
    harmless = own & np.array([row["label"] == "benign" for row in rows])
    if harmless.sum() >= 100 and (own & ~harmless).any():
        bar = np.quantile(scores[harmless], 1 - FALSE_ALARMS)
        print(
            f"{source}: recall {(scores[own & ~harmless] > bar).mean():.3f} at 1 % of its own harmless ones"
        )
