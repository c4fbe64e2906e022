"""Texts for the guard's classifier, as features: what a user wrote, and pieces of documents.

python -m training.safety_texts --data FOLDER --out FOLDER      (FOLDER: the evaluation data, see its README)

Runs in the product's environment; training.safety reads what it writes. Sources whose licence does not allow training
are kept apart (`measured`): they serve to count false alarms only.
"""

import argparse
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.embed.minilm import load
from tools.guard.injection.context import NEAR, beside
from tools.guard.injection.features import grams, marks
from tools.guard.injection.pieces import pieces
from tools.guard.normalise import normalise
from training.safety_sources import MEASURED, Example, documents, users, varied

SEED = 6

Vector = NDArray[np.float32]


def _bags(found: list[NDArray[np.int32]]) -> dict[str, Any]:
    return {"buckets": np.concatenate(found), "sizes": np.array([len(bag) for bag in found])}


def _write_users(found: list[Example], model: Any, out: Path) -> None:
    texts = [normalise(one.text).text for one in found]
    texts_read = [one.text for one in found]
    known = _embedded(texts_read, model, out)
    vectors = np.stack([known[text] for text in texts_read])
    features = _bags([grams(text) for text in texts])
    seen = np.stack([marks(text) for text in texts])
    np.savez(out / "users.npz", **features, marks=seen, further=vectors)
    _describe(out / "users.jsonl", [asdict(one) for one in found])


def _write_documents(found: list[Example], model: Any, out: Path) -> None:
    described, bags, seen, texts, places = [], [], [], [], []
    for number, one in enumerate(found):
        text = normalise(one.document).text
        spans = pieces(text)
        low, high = _place(text, one.attack)
        for index, (start, end) in enumerate(spans):
            place = index / max(1, len(spans) - 1)
            hit = bool(one.attack) and min(end, high) - max(start, low) > 0.5 * min(end - start, high - low)
            if one.attack and not hit and not (one.source.startswith("bipia") and one.source in MEASURED):
                continue  # it stands in a harmless document too
            described.append({**asdict(one), "document": number, "piece": text[start:end], "hit": hit})
            bags.append(grams(text[start:end]))
            seen.append(marks(text[start:end], place))
            texts.append(text[start:end])
            places.append((one.text, text, spans, index))
    near = {whole[s:e] for _, whole, spans, i in places for s, e in spans[max(0, i - NEAR) : i + NEAR + 1]}
    distinct = sorted(near | {question for question, *_ in places if question})
    vectors = _embedded(distinct, model, out)
    further = [
        beside(vectors[text], _near(vectors, whole, spans, index), vectors.get(question))
        for text, (question, whole, spans, index) in zip(texts, places, strict=True)
    ]
    np.savez(out / "documents.npz", **_bags(bags), marks=np.stack(seen), further=np.stack(further))
    _describe(out / "documents.jsonl", described)


def _near(vectors: dict[str, Vector], text: str, spans: list[tuple[int, int]], index: int) -> list[Vector]:
    low, high = max(0, index - NEAR), min(len(spans), index + NEAR + 1)
    return [vectors[text[slice(*spans[at])]] for at in range(low, high) if at != index]


def _embedded(texts: list[str], model: Any, out: Path) -> dict[str, Vector]:
    """Vectors by text; those made before are kept in vectors.npy."""
    import asyncio

    names, stored = out / "vectors.json", out / "vectors.npy"
    known: dict[str, Vector] = {}
    if names.exists():
        known = dict(zip(json.loads(names.read_text()), np.load(stored).astype(np.float32), strict=True))
    new = sorted(set(texts) - known.keys())
    if new:
        known |= dict(zip(new, asyncio.run(model.embed(new)), strict=True))
        names.write_text(json.dumps(list(known)))
        np.save(stored, np.stack(list(known.values())).astype(np.float16))
    return known


def _place(text: str, attack: str) -> tuple[int, int]:
    start = text.find(normalise(attack).text) if attack else -1
    return (start, start + len(normalise(attack).text)) if start >= 0 else (0, 0)


def _describe(file: Path, found: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(one) + "\n" for one in found), encoding="utf-8")


def main() -> None:
    """Write users.npz, documents.npz and the rows that they are of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    chance = random.Random(SEED)
    arguments.out.mkdir(parents=True, exist_ok=True)
    model = load(arguments.out / "models")
    _write_users(list(varied(list(users(arguments.data, chance)))), model, arguments.out)
    _write_documents(list(documents(arguments.data, chance)), model, arguments.out)


if __name__ == "__main__":
    main()
