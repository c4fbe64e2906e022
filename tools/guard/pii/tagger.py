"""A small window network tells names, places, organisations and addresses from their words and neighbours.

Collobert et al. 2011, "Natural Language Processing (Almost) from Scratch": hashed features of the words within reach
are summed to a hidden layer, which scores every type. A word's share is computed once and kept, so a text costs a few
additions a word. Trained by training/pii.py.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.guard.pii.features import REACH, case, key, rows, tokens
from tools.weights import verified

Floats = NDArray[np.float32]
PLACES = range(-REACH, REACH + 1)
LABELS = ("", "PERSON", "ORGANIZATION", "LOCATION", "ADDRESS", "TITLE", "NATIONALITY", "DATE", "AGE", "PHONE")
"""What a word may be part of; the first is nothing."""
AT_ONCE = 4_096
"""Words scored in one go: the bound on memory."""


@dataclass(frozen=True, slots=True)
class Network:
    """table (rows, hidden), cases (3, hidden), bias (hidden,), out (hidden, labels), out_bias (labels,)."""

    table: Floats
    cases: Floats
    bias: Floats
    out: Floats
    out_bias: Floats


def load(file: Path | None = None) -> Network:
    """The weights of `file`, or those that ship. Raises KairosError `weights_damaged`."""
    with np.load(file or verified("pii.npz"), allow_pickle=False) as parts:
        return Network(**{name: parts[name].astype(np.float32) for name in parts.files})


class Tagger:
    """Scores the words of a text."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._share = lru_cache(16_384)(self._summed)
        self._edge = np.zeros((len(PLACES), network.table.shape[1]), np.float32)

    def tag(self, text: str) -> tuple[list[tuple[int, int]], Floats]:
        """The words' spans, and for each the probability of every label, shape (words, labels)."""
        spans = tokens(text)
        if not spans:
            return [], np.zeros((0, len(LABELS)), np.float32)
        kind = case(text)
        parts = [self._scored(text, spans, at, kind) for at in range(0, len(spans), AT_ONCE)]
        return spans, np.concatenate(parts)

    def _scored(self, text: str, spans: list[tuple[int, int]], at: int, kind: int) -> Floats:
        first, last = at - REACH, min(at + AT_ONCE, len(spans)) + REACH
        shares = np.stack([
            self._share(key(text, *spans[one])) if 0 <= one < len(spans) else self._edge for one in range(first, last)
        ])
        words = len(shares) - 2 * REACH
        net = self._network
        hidden = sum((shares[REACH + place : REACH + place + words, at] for at, place in enumerate(PLACES)), net.bias)
        hidden = np.maximum(hidden + net.cases[kind], 0)
        scores = hidden @ net.out + net.out_bias
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)

    def _summed(self, word: str) -> Floats:
        """What the word adds to the hidden layer of each word around it, shape (places, hidden)."""
        # A word at distance +1 of the one in question is seen by it as its neighbour at +1.
        table = self._network.table
        return np.stack([table[rows(word, place)].sum(axis=0, dtype=np.float32) for place in PLACES])
