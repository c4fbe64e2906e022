"""A small network tells names, places, organisations and addresses from their words and neighbours.

Collobert et al. 2011, "Natural Language Processing (Almost) from Scratch": hashed features of the words within reach
are summed to a hidden layer; a second one reads the first of the words around. A word's share of the sums is computed
once and kept, so a text costs a few additions a word. Trained by training/pii.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from tools.guard.pii.features import PLACES, REACH, case, keys, rows, tokens
from tools.weights import verified

Floats = NDArray[np.float32]
AROUND = 2
"""Words before and after whose hidden layers the second layer reads."""
LABELS = ("", "PERSON", "ORGANIZATION", "LOCATION", "ADDRESS", "TITLE", "NATIONALITY", "DATE", "AGE", "PHONE")
"""What a word may be part of; the first is nothing."""
AT_ONCE = 4_096
"""Words scored in one go: the bound on memory."""
KNOWN = 16_384
"""Words whose shares are kept; the next one empties the store (18 MB when full)."""


@dataclass(frozen=True, slots=True)
class Network:
    """table (rows, h), bias (h,), second (places around, h, k), second_bias (k,), out (h + k, labels), out_bias.

    usual: how words are usually written (see features.rows).
    """

    table: Floats
    bias: Floats
    second: Floats
    second_bias: Floats
    out: Floats
    out_bias: Floats
    usual: Mapping[int, int]

    def label(self, first: Floats) -> Floats:
        """Probabilities of the labels, shape (words, labels), from the hidden layer of the words, shape (words, h)."""
        words = len(first)
        padded = np.zeros((words + 2 * AROUND, first.shape[1]), np.float32)
        padded[AROUND : AROUND + words] = first
        second = self.second_bias + sum(padded[at : at + words] @ part for at, part in enumerate(self.second))
        scores = np.hstack([first, np.maximum(second, 0)]) @ self.out + self.out_bias
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def load(file: Path | None = None) -> Network:
    """The weights of `file`, or those that ship. Raises KairosError `weights_damaged`."""
    with np.load(file or verified("pii.npz"), allow_pickle=False) as parts:
        usual = dict(zip(parts["words"].tolist(), parts["classes"].tolist(), strict=True))
        table = parts["table"].astype(np.float32) * parts["scale"].astype(np.float32)
        bias, second, second_bias, out, out_bias = (
            parts[name].astype(np.float32) for name in ("bias", "second", "second_bias", "out", "out_bias")
        )
        return Network(table, bias, second, second_bias, out, out_bias, usual)


class Tagger:
    """Scores the words of a text."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.usual = network.usual
        self._at: dict[str, int] = {}
        self._store = np.zeros((KNOWN, len(PLACES), network.table.shape[1]), np.float32)
        self._lock = Lock()

    def tag(self, text: str) -> tuple[list[tuple[int, int]], Floats]:
        """The words' spans, and for each the probability of every label, shape (words, labels)."""
        spans = tokens(text)
        if not spans:
            return [], np.zeros((0, len(LABELS)), np.float32)
        kind = case(text)
        parts = [self._scored(text, spans, at, kind) for at in range(0, len(spans), AT_ONCE)]
        return spans, np.concatenate(parts)

    def _scored(self, text: str, spans: list[tuple[int, int]], at: int, kind: int) -> Floats:
        """The words from `at` on; those around them are read too, so that no cut is felt."""
        start, end = max(0, at - AROUND), min(at + AT_ONCE + AROUND, len(spans))
        first, last = max(0, start - REACH), min(end + REACH, len(spans))
        shares = self._shares(keys(text, spans[first:last], kind))
        words = end - start
        summed = np.tile(self._network.bias, (words, 1))
        for to, place in enumerate(PLACES):
            begin, stop = max(start + place, 0), min(end + place, len(spans))
            if begin < stop:
                summed[begin - place - start : stop - place - start] += shares[
                    begin - first : stop - first, to
                ]
        chances = self._network.label(np.maximum(summed, 0))
        return chances[at - start : at - start + AT_ONCE]

    def _shares(self, words: list[str]) -> Floats:
        """What each word adds to the hidden layer of each word around it, shape (words, places, h)."""
        with self._lock:
            new = [word for word in dict.fromkeys(words) if word not in self._at]
            if len(self._at) + len(new) > KNOWN:
                self._at.clear()
                new = list(dict.fromkeys(words))
            if new:
                self._learn(new)
            return self._store.take([self._at[word] for word in words], axis=0)

    def _learn(self, new: list[str]) -> None:
        flat, starts = rows(new, self._network.usual)
        summed = np.add.reduceat(self._network.table[flat], starts, axis=0)
        first = len(self._at)
        self._store[first : first + len(new)] = summed.reshape(len(new), len(PLACES), -1)
        self._at.update((word, first + at) for at, word in enumerate(new))
