"""Speed of the local embedder beside the bare onnxruntime session on the same tokenised batches.

    python -m bench.embed [--texts 256] [--rounds 5] [--json]

The two take turns in one process, so that other load on the machine meets both alike.
"""

import argparse
import asyncio
import json
import random
import time
from statistics import median, quantiles

import numpy as np
from numpy.typing import NDArray

from state.settings import settings
from tools.embed import minilm

WORDS = """
the of to and a in is that for it as was with be by on not he his but at are this have from or had an they
which one you were all her she there would their we him been has when who will no more if out so said what up
its about than into them can only other time new some could these two may first then do employee manager leave
request approval policy travel expense receipt laptop password building safety
"""


def texts(count: int) -> list[str]:
    """Texts of 10 to 200 words, most of them short; the same on every run."""
    chance = random.Random(7)  # noqa: S311
    lengths = [10 + int(190 * chance.random() ** 2) for _ in range(count)]
    words = WORDS.split()
    return [" ".join(chance.choices(words, k=length)) for length in lengths]


def prepared(model: minilm.Minilm, passages: list[str]) -> list[dict[str, NDArray[np.int32]]]:
    """The inputs of the model's own batches, tokenised and padded beforehand."""
    ids = [encoding.ids for encoding in model.tokenizer.encode_batch(passages)]
    batches = minilm.batches([len(tokens) for tokens in ids])
    return [minilm.model_inputs([ids[row] for row in batch]) for batch in batches]


def run_all(model: minilm.Minilm, inputs: list[dict[str, NDArray[np.int32]]]) -> None:
    """Only the runtime: one call a batch."""
    for batch in inputs:
        model.session.run(["pooled"], batch)


async def measure(count: int, rounds: int) -> dict[str, float]:
    """Texts per second of both, their ratio, and the latency of one question; medians over the rounds."""
    began = time.perf_counter()
    model = await asyncio.to_thread(minilm.load, settings().home / "models")
    loaded = time.perf_counter() - began
    passages = texts(count)
    inputs = prepared(model, passages)
    ours, runtime, query = [], [], []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        await model.embed(passages)
        between = time.perf_counter()
        await asyncio.to_thread(run_all, model, inputs)
        ours.append(between - began)
        runtime.append(time.perf_counter() - between)
    for _ in range(100):
        began = time.perf_counter()
        await model.embed_query("How many days of leave do new employees get?")
        query.append(time.perf_counter() - began)
    shares = [
        bare / whole for whole, bare in zip(ours[1:], runtime[1:], strict=True)
    ]  # the first round warms up
    tokens = sum(int(batch["attention_mask"].sum()) for batch in inputs)
    padded = sum(batch["attention_mask"].size for batch in inputs)
    return {
        "texts": count,
        "tokens_per_text": tokens / count,
        "padding": 1 - tokens / padded,
        "cpus": minilm.usable_cpus(),
        "embedder_texts_per_second": count / median(ours[1:]),
        "runtime_texts_per_second": count / median(runtime[1:]),
        "share_of_runtime": median(shares),
        "query_p50_ms": 1000 * median(query),
        "query_p95_ms": 1000 * quantiles(query, n=20)[-1],
        "load_seconds": loaded,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--texts", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    figures = asyncio.run(measure(chosen.texts, chosen.rounds))
    if chosen.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):28} {value:10.3f}")


if __name__ == "__main__":
    main()
