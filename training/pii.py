"""Train the tagger of personal data: a window network on hashed features, in numpy, in minutes.

python -m training.pii --data SET... --without PROMPTS.jsonl --prose FILE... --out tools/weights/pii.npz   (all texts)
python -m training.pii --data SET... --without PROMPTS.jsonl --prose FILE... --folds FOLDER (five, by templates)

Cross-entropy by AdaGrad (Duchi et al. 2011). The word itself is hidden half of the time, so that its neighbours and
its spelling must do; every epoch the spans get other values, and some texts are in small letters.
"""

import argparse
import random
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.guard.pii.features import PLACES, TABLE, case, keys, rows, tokens
from tools.guard.pii.tagger import AROUND, LABELS, Floats, Network
from training.pii_texts import Text, own, pooled, read, recased, refilled, without
from training.pii_words import classes, plain

HIDDEN, SECOND, EPOCHS, RATE, BATCH = 40, 32, 16, 0.06, 64
EMPTY = 800
"""Texts without personal data an epoch."""
DROPPED, HIDDEN_WORD, DROPPED_UNITS = 0.15, 0.5, 0.15
FOLDS = 5
SEED = 7
Ints = NDArray[np.int64]
_CACHE: dict[str, list[Ints]] = {}


def train(texts: list[Text], empty: list[Text], usual: Mapping[int, int], seed: int = SEED) -> Network:
    """A network from the texts; `empty` hold no personal data."""
    draw, random_ = random.Random(seed), np.random.default_rng(seed)
    pool = pooled(texts)
    net = _start(random_)
    grads = [np.full_like(part, 1e-4) for part in net]
    for epoch in range(EPOCHS):
        rate = RATE * (1 - epoch / EPOCHS)
        drawn = [recased(refilled(text, pool, draw) if draw.random() < 0.7 else text, draw) for text in texts]
        more = [*own(pool, draw), *own(pool, draw), *draw.sample(empty, min(len(empty), EMPTY))]
        drawn += [recased(text, draw) for text in more]
        draw.shuffle(drawn)
        loss = [
            _step(net, grads, _batch(drawn[at : at + BATCH], usual, random_), rate, random_)
            for at in range(0, len(drawn), BATCH)
        ]
        print(f"epoch {epoch}: loss {np.mean(loss):.4f}", flush=True)
    table, bias, second, second_bias, out, out_bias = net
    return Network(table, bias, second, second_bias, out, out_bias, usual)


def fold_of(group: int) -> int:
    """Which fold a group of templates is held out in."""
    return random.Random(group * 7919 + SEED).randrange(FOLDS)


def save(network: Network, file: Path) -> None:
    """Weights as half floats, the table as bytes with a scale a row; their SHA-256 beside them."""
    names = ("bias", "second", "second_bias", "out", "out_bias")
    parts = {name: getattr(network, name).astype(np.float16) for name in names}
    scale = np.abs(network.table).max(axis=1, keepdims=True).astype(np.float16) / np.float16(127)
    table = (
        np.round(network.table / np.maximum(scale.astype(np.float32), 1e-8)).clip(-127, 127).astype(np.int8)
    )
    words = np.array(sorted(network.usual), np.uint32)
    kinds = np.array([network.usual[int(word)] for word in words], np.uint8)
    np.savez_compressed(file, **parts, table=table, scale=scale, words=words, classes=kinds)
    file.with_suffix(".sha256").write_text(sha256(file.read_bytes()).hexdigest() + "\n", encoding="ascii")


def _start(draw: np.random.Generator) -> list[Floats]:
    parts = (
        np.vstack([draw.normal(0, 0.05, (TABLE, HIDDEN)), np.zeros((1, HIDDEN))]),
        np.full(HIDDEN, 0.1),
        draw.normal(0, 0.1, (2 * AROUND + 1, HIDDEN, SECOND)),
        np.full(SECOND, 0.1),
        draw.normal(0, 0.2, (HIDDEN + SECOND, len(LABELS))),
        np.zeros(len(LABELS)),
    )
    return [part.astype(np.float32) for part in parts]


def _step(
    net: list[Floats],
    sums: list[Floats],
    batch: tuple[Ints, Ints, Ints],
    rate: float,
    draw: np.random.Generator,
) -> float:
    """One batch: forward, backward, AdaGrad; the mean loss."""
    flat, owner, gold = batch
    table, bias, second, second_bias, out, out_bias = net
    real, words = (gold >= 0)[:, None], len(gold)
    starts = np.searchsorted(owner, np.arange(words))
    before = np.add.reduceat(table[flat], starts, axis=0) + bias
    kept = (before > 0) * real * (draw.random(before.shape) > DROPPED_UNITS) / np.float32(1 - DROPPED_UNITS)
    first = before * kept
    padded = np.pad(first, ((AROUND, AROUND), (0, 0)))
    around = [padded[at : at + words] for at in range(2 * AROUND + 1)]
    then = second_bias + sum(part @ weights for part, weights in zip(around, second, strict=True))
    kept_then = (then > 0) * (draw.random(then.shape) > DROPPED_UNITS) / np.float32(1 - DROPPED_UNITS)
    both = np.hstack([first, then * kept_then])
    scores = both @ out + out_bias
    chances = np.exp(scores - scores.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    at = np.arange(words)
    loss = float(-np.log(chances[at, gold] + 1e-9)[gold >= 0].mean())
    chances[at, gold] -= 1
    error = chances * real / 32
    back = error @ out.T
    back_first, back_then = back[:, :HIDDEN], back[:, HIDDEN:] * kept_then
    spread = np.zeros_like(padded)
    for place, weights in enumerate(second):
        spread[place : place + words] += back_then @ weights.T
    back_first = (back_first + spread[AROUND : AROUND + words]) * kept
    by_place = np.stack([part.T @ back_then for part in around])
    _update_rows(table, sums[0], flat, back_first[owner], rate)
    gradients = back_first.sum(0), by_place, back_then.sum(0), both.T @ error, error.sum(0)
    for part, total, gradient in zip(net[1:], sums[1:], gradients, strict=True):
        _update(part, total, gradient, rate)
    return loss


def _update(
    part: NDArray[np.float32], total: NDArray[np.float32], gradient: NDArray[np.float32], rate: float
) -> None:
    total += gradient**2
    part -= rate * gradient / np.sqrt(total + 1e-8)


def _update_rows(
    table: NDArray[np.float32],
    total: NDArray[np.float32],
    at: Ints,
    gradient: NDArray[np.float32],
    rate: float,
) -> None:
    order = np.argsort(at, kind="stable")
    where, first = np.unique(at[order], return_index=True)
    summed = np.add.reduceat(gradient[order], first, axis=0)
    total[where] += summed**2
    table[where] -= rate * summed / np.sqrt(total[where] + 1e-8)


def _batch(texts: list[Text], usual: Mapping[int, int], draw: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Rows of all features, the word each belongs to, and the words' labels; between texts stand words labelled -1."""
    flat: list[Ints] = []
    sizes: list[int] = []
    gold: list[int] = []
    for text in texts:
        spans, kind = tokens(text.text), case(text.text)
        words = keys(text.text, spans, kind)
        for at, span in enumerate(spans):
            found = _seen(words, at, usual, draw)
            flat.append(found)
            sizes.append(len(found))
            gold.append(_gold(span, text))
        for _ in range(AROUND):
            flat.append(np.array([TABLE]))
            sizes.append(1)
            gold.append(-1)
    return np.concatenate(flat), np.repeat(np.arange(len(sizes)), sizes), np.array(gold)


def _seen(keys: list[str], at: int, usual: Mapping[int, int], draw: np.random.Generator) -> Ints:
    """The rows of a word and its neighbours, some hidden."""
    parts = []
    for to, place in enumerate(PLACES):
        if 0 <= at + place < len(keys):
            word = keys[at + place]
            if word not in _CACHE:
                flat, starts = rows([word], usual)
                _CACHE[word] = np.split(flat, starts[1:])
            part = _CACHE[word][to]
            parts.append(part[1:] if place == 0 and draw.random() < HIDDEN_WORD else part)
    result = np.concatenate(parts)
    kept = result[draw.random(len(result)) > DROPPED]
    return kept if len(kept) else result


def _gold(span: tuple[int, int], text: Text) -> int:
    for start, end, label in text.spans:
        if start < span[1] and span[0] < end:
            return LABELS.index(label) if label in LABELS else 0
    return 0


def main() -> None:
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--without", type=Path, required=True)
    parser.add_argument(
        "--prose", type=Path, nargs="+", required=True, help="running text, for how words are written"
    )
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folds", type=Path)
    given = parser.parse_args()
    texts, empty = read(given.data), without(given.without, "banking77")
    empty += [Text(sentence, (), -1) for sentence in plain(given.prose)]
    usual = classes(given.prose)
    started = time.perf_counter()
    print(f"{len(texts)} texts, {len(empty)} without, {len(usual)} words")
    if given.out:
        save(train(texts, empty, usual), given.out)
    if given.folds:
        given.folds.mkdir(parents=True, exist_ok=True)
        for fold in range(FOLDS):
            kept = [text for text in texts if fold_of(text.group) != fold]
            save(train(kept, empty, usual), given.folds / f"{fold}.npz")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
