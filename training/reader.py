"""Train the reader: MiniLM learns to put a question near the sentences that answer it, token by token.

python -m training.reader --examples FILE --weights FILE.safetensors --tokenizer tokenizer.json --out FILE.safetensors

Needs training/requirements.txt, in an environment of its own. Question and passage are read apart, so that it starts
as good as MiniLM is. A unit (sentence, item, row) is scored by the cosine of its mean state and by late interaction
(ColBERT, Khattab and Zaharia 2020). The scores of all units of a question's passages compete with each other and with
"not said", whose score is 0 (shared normalisation, Clark and Gardner 2018), so that they compare across passages.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.cases import QUESTIONS, Case, is_gold, read_cases, steps_of
from training.held_out import is_held_out
from training.model import Reader, checkpoint
from training.tokens import Encoder

SEED = 7
MOST = 1_000
"""Questions of one file: none outweighs the others."""
MEASURED = 60
"""Held out questions of one set that are measured after an epoch."""
EPOCHS, RATE, RATE_OF_SCALES, WARM_UP, DECAY = 1, 5e-5, 2e-2, 0.1, 0.01


def scored(
    model: Reader, step: Sequence[tuple[Case, list[str]]], encoder: Encoder
) -> list[tuple[Tensor, Tensor]]:
    """The logits of all units of each question's passages, and which are gold."""
    asked = model.read([encoder.question(case.question) for case, _ in step])
    texts = [encoder.texts[passage] for _, chosen in step for passage in chosen]
    states, found = iter(zip(texts, model.read([text.ids for text in texts]), strict=True)), []
    for (case, chosen), question in zip(step, asked, strict=True):
        logits, gold = [], []
        for passage in chosen:
            text, own = next(states)
            if text.units:
                logits.append(model.score(question, own, text))
                gold += [is_gold(place, case.evidence.get(passage, [])) for place in text.places]
        found.append((torch.cat(logits), torch.tensor(gold)))
    return found


def loss_of(logits: Tensor, gold: Tensor) -> Tensor:
    """Shared normalisation over all units and "not said", and all gold units alike above the others."""
    everything = torch.logsumexp(torch.cat([logits, logits.new_zeros(1)]), 0)
    if not gold.any():
        return everything
    right = torch.logsumexp(logits[gold], 0)
    return everything - right + 0.3 * (everything - logits[gold].mean())


@torch.no_grad()
def measure(model: Reader, cases: Sequence[Case], encoder: Encoder) -> dict[str, float]:
    """On held out questions: the best unit is right; the area under the curve of "is it said at all"."""
    right: list[bool] = []
    said: list[float] = []
    unsaid: list[float] = []
    for case in cases:
        ((logits, gold),) = scored(model, [(case, case.passages[:8])], encoder)
        (said if gold.any() else unsaid).append(torch.logsumexp(logits, 0).item())
        if gold.any():
            right.append(bool(gold[logits.argmax()]))
    wins = [(a > b) + 0.5 * (a == b) for a in said for b in unsaid]
    return {
        "answered": len(right),
        "best_unit": round(sum(right) / max(1, len(right)), 3),
        "unsaid": len(unsaid),
        "said_auc": round(sum(wins) / max(1, len(wins)), 3),
    }


def report(model: Reader, held: Sequence[Case], encoder: Encoder, when: str) -> None:
    """Print the measures of each set."""
    by_set = defaultdict(list)
    for case in held:
        by_set[case.document.partition(":")[0]].append(case)
    for name, cases in by_set.items():
        print(when, name, measure(model, cases[:MEASURED], encoder), flush=True)
    print("scales", [round(value, 2) for value in model.scales.tolist()], flush=True)


def train(model: Reader, cases: Sequence[Case], held: Sequence[Case], encoder: Encoder, epochs: int) -> None:
    """AdamW with a linear warm-up and decay; prints the measures after each epoch."""
    chance = random.Random(SEED)
    body = [p for name, p in model.named_parameters() if p.requires_grad and name != "scales"]
    groups = [
        {"params": body, "lr": RATE},
        {"params": [model.scales], "lr": RATE_OF_SCALES, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    steps = epochs * (len(cases) // QUESTIONS)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1, n / (WARM_UP * steps), (steps - n) / ((1 - WARM_UP) * steps))
    )
    done, started, total = 0, time.time(), 0.0
    for epoch in range(epochs):
        for step in steps_of(cases, chance):
            loss = torch.stack([loss_of(*pair) for pair in scored(model, step, encoder)]).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            done, total = done + 1, total + loss.item()
            if done % 25 == 0:
                print(f"step {done}/{steps} loss {total / 25:.3f} {time.time() - started:.0f} s", flush=True)
                total = 0.0
        report(model, held, encoder, f"epoch {epoch + 1}")


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, action="append")
    for name in ("weights", "tokenizer", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(arguments.threads)
    passages: dict[str, Any] = {}
    held: list[Case] = []
    kept: list[Case] = []
    for file in arguments.examples:
        found, cases = read_cases(file)
        passages |= found
        held += [case for case in cases if is_held_out(case.document)]
        rest = [case for case in cases if not is_held_out(case.document)]
        kept += random.Random(SEED).sample(rest, min(MOST, len(rest)))
    encoder = Encoder(arguments.tokenizer, passages)
    weights = load_file(arguments.weights)
    model = Reader(weights)
    print(f"{len(kept)} questions to train on, {len(held)} held out", flush=True)
    train(model, kept, held, encoder, arguments.epochs)
    save_file(checkpoint(model, weights), arguments.out)


if __name__ == "__main__":
    main()
