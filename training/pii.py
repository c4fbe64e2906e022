"""Train the tagger of personal data: a window network on hashed features, in numpy, in minutes.

python -m training.pii --data SET... --without PROMPTS.jsonl --out tools/weights/pii.npz   (all texts)
python -m training.pii --data SET... --without PROMPTS.jsonl --folds FOLDER                (five, by group of templates)

Cross-entropy by AdaGrad (Duchi et al. 2011). The word itself is hidden half of the time, so that its neighbours and
its spelling must do; every epoch the spans get other values, and some texts are in small letters.
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.guard.pii.features import TABLE, case, key, rows, tokens
from tools.guard.pii.tagger import LABELS, PLACES, Network
from training.pii_texts import Text, own, read, recased, refilled, values, without

HIDDEN, EPOCHS, RATE, BATCH, DROPPED, HIDDEN_WORD = 32, 14, 0.08, 64, 0.15, 0.5
FOLDS = 5
SEED = 7
_CACHE: dict[tuple[str, int], list[int]] = {}
Ints = NDArray[np.int64]


def train(texts: list[Text], empty: list[Text], seed: int = SEED) -> Network:
    """A network from the texts; `empty` hold no personal data."""
    draw, random_ = random.Random(seed), np.random.default_rng(seed)
    pool = values(texts)
    net = _start(random_)
    grads = [np.full_like(part, 1e-6) for part in net]
    for epoch in range(EPOCHS):
        rate = RATE * (1 - epoch / EPOCHS)
        drawn = [recased(refilled(text, pool, draw) if draw.random() < 0.7 else text, draw) for text in texts]
        more = [*own(pool, draw), *own(pool, draw), *draw.sample(empty, min(len(empty), 200))]
        drawn += [recased(text, draw) for text in more]
        draw.shuffle(drawn)
        loss = [_step(net, grads, drawn[at : at + BATCH], rate, random_) for at in range(0, len(drawn), BATCH)]
        print(f"epoch {epoch}: loss {np.mean(loss):.4f}", flush=True)
    return Network(*(part.astype(np.float32) for part in net))


def fold_of(group: int) -> int:
    """Which fold a group of templates is held out in."""
    return random.Random(group * 7919 + SEED).randrange(FOLDS)


def save(network: Network, file: Path) -> None:
    """Weights as half floats."""
    parts = {name: getattr(network, name) for name in ("table", "cases", "bias", "out", "out_bias")}
    np.savez_compressed(file, **{name: part.astype(np.float16) for name, part in parts.items()})  # type: ignore[arg-type]


def _start(draw: np.random.Generator) -> list[NDArray[np.float32]]:
    small = draw.normal(0, 0.05, (TABLE, HIDDEN))
    out = draw.normal(0, 0.3, (HIDDEN, len(LABELS)))
    parts = small, np.zeros((3, HIDDEN)), np.full(HIDDEN, 0.1), out, np.zeros(len(LABELS))
    return [part.astype(np.float32) for part in parts]


def _step(
    net: list[NDArray[np.float32]],
    sums: list[NDArray[np.float32]],
    texts: list[Text],
    rate: float,
    draw: np.random.Generator,
) -> float:
    """One batch: forward, backward, AdaGrad; the mean loss."""
    flat, owner, kinds, gold = _batch(texts, draw)
    table, cases, bias, out, out_bias = net
    before = np.zeros((len(gold), HIDDEN), np.float32)
    starts = np.searchsorted(owner, np.arange(len(gold)))
    before = np.add.reduceat(table[flat], starts, axis=0) + cases[kinds] + bias
    kept = draw.random(before.shape) > 0.1
    hidden = np.maximum(before, 0) * kept
    scores = hidden @ out + out_bias
    chances = np.exp(scores - scores.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    loss = -np.log(chances[np.arange(len(gold)), gold] + 1e-9).mean()
    error = chances
    error[np.arange(len(gold)), gold] -= 1
    error /= 32
    back = (error @ out.T) * (before > 0) * kept
    _update(out, sums[3], hidden.T @ error, rate)
    _update(out_bias, sums[4], error.sum(0), rate)
    _update(bias, sums[2], back.sum(0), rate)
    by_case = np.zeros_like(cases)
    np.add.at(by_case, kinds, back)
    _update(cases, sums[1], by_case, rate)
    _update_rows(table, sums[0], flat, back[owner], rate)
    return float(loss)


def _update(part: NDArray[np.float32], total: NDArray[np.float32], gradient: NDArray[np.float32], rate: float) -> None:
    total += gradient**2
    part -= rate * gradient / np.sqrt(total + 1e-8)


def _update_rows(
    table: NDArray[np.float32], total: NDArray[np.float32], at: Ints, gradient: NDArray[np.float32], rate: float
) -> None:
    order = np.argsort(at, kind="stable")
    where, first = np.unique(at[order], return_index=True)
    summed = np.add.reduceat(gradient[order], first, axis=0)
    total[where] += summed**2
    table[where] -= rate * summed / np.sqrt(total[where] + 1e-8)


def _batch(texts: list[Text], draw: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """Rows of all features, the word each belongs to, the words' case and their labels."""
    flat: list[int] = []
    owner: list[int] = []
    kinds: list[int] = []
    gold: list[int] = []
    for text in texts:
        spans = tokens(text.text)
        keys = [key(text.text, *span) for span in spans]
        kind = case(text.text)
        for at, span in enumerate(spans):
            found = _seen(keys, at, draw)
            flat += found
            owner += [len(gold)] * len(found)
            kinds.append(kind)
            gold.append(_gold(span, text))
    return np.array(flat), np.array(owner), np.array(kinds), np.array(gold)


def _seen(keys: list[str], at: int, draw: np.random.Generator) -> list[int]:
    result: list[int] = []
    for place in PLACES:
        if 0 <= at + place < len(keys):
            word = keys[at + place]
            if (word, place) not in _CACHE:
                _CACHE[word, place] = rows(word, place)
            result += _CACHE[word, place][1:] if place == 0 and draw.random() < HIDDEN_WORD else _CACHE[word, place]
    chances = draw.random(len(result))
    return [row for row, chance in zip(result, chances, strict=True) if chance > DROPPED] or result


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
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folds", type=Path)
    given = parser.parse_args()
    texts, empty = read(given.data), without(given.without, "banking77")
    started = time.perf_counter()
    if given.out:
        save(train(texts, empty), given.out)
    if given.folds:
        given.folds.mkdir(parents=True, exist_ok=True)
        for fold in range(FOLDS):
            kept = [text for text in texts if fold_of(text.group) != fold]
            save(train(kept, empty), given.folds / f"{fold}.npz")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
