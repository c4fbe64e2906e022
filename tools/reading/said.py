"""How likely it is that the passages hold the answer, from the reader's scores."""

import math
from collections.abc import Sequence

from tools.reading.reader import Read

SLOPE, OFFSET = 0.385, -1.479
"""Platt scaling (1999), fitted by training/calibrate.py on documents that the reader was not trained on."""
LEAST = 0.5
"""On these documents it wrongly declines seven in a hundred answerable questions, and four of seven unanswerable ones."""

HOPELESS = 0.3
"""Below it no model is asked: two answerable questions in a hundred, and a third of the unanswerable ones."""


def probability(reads: Sequence[Read]) -> float:
    """0 to 1, calibrated; 0 without passages."""
    if not reads:
        return 0.0
    return 1 / (1 + math.exp(-(SLOPE * log_odds(reads) + OFFSET)))


def log_odds(reads: Sequence[Read]) -> float:
    """The logarithm of the sum of all units' weights against that of "it is not said", which is 1."""
    best = max(read.score for read in reads)
    return best + math.log(sum(math.exp(read.score - best) for read in reads))
