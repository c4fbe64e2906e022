"""Token outputs of a transformer as sign bits, for late interaction (ColBERT, Khattab and Zaharia 2020).

128 bits of a random projection by signs keep the angles between vectors (Charikar 2002; Achlioptas 2003).
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tools.analyse import STOP_WORDS

BITS = 128
CODE = BITS // 8
"""Bytes a token."""

_WORD = re.compile(r"\w+")

Span = tuple[int, int]
Vectors = NDArray[np.float32]


@lru_cache(maxsize=4)
def projection(dimensions: int) -> Vectors:
    """Signs (dimensions, BITS) of a SHAKE-256 stream: the same on every machine, with every version."""
    stream = hashlib.shake_256(b"kairos token codes 1").digest(dimensions * CODE)
    bits = np.unpackbits(np.frombuffer(stream, np.uint8)).reshape(dimensions, BITS)
    return bits.astype(np.float32) * 2 - 1


def words_of(text: str, offsets: Sequence[Span]) -> list[str]:
    """For each token the lower-case word it stands in; "" for special tokens and marks."""
    spans = [(found.start(), found.end(), found.group().lower()) for found in _WORD.finditer(text)]
    words, at = [], 0
    for start, end in offsets:
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        inside = start < end and at < len(spans) and spans[at][0] < end
        words.append(spans[at][2] if inside else "")
    return words


def content(words: Sequence[str]) -> NDArray[np.bool_]:
    """Which tokens count: those of words that are no stop words; the first one if there is none."""
    kept = np.array([bool(word) and word not in STOP_WORDS for word in words], dtype=bool)
    if len(kept) and not kept.any():
        kept[0] = True
    return kept


def encode(text: str, states: Vectors, offsets: Sequence[Span]) -> bytes:
    """The codes of a text's content tokens, CODE bytes each, in order; states (at least len(offsets), d)."""
    kept = np.flatnonzero(content(words_of(text, offsets)))
    return np.packbits(states[kept] @ projection(states.shape[1]) > 0, axis=1).tobytes()


def project(states: Vectors) -> Vectors:
    """A question's tokens (n, d) as unit vectors (n, BITS) to compare with codes."""
    seen = states @ projection(states.shape[1])
    unit: Vectors = seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-9)
    return unit
