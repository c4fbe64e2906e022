"""Train the reader: MiniLM learns to put a question near the sentences that answer it, token by token.

python -m training.reader --examples FILE[=MOST] --weights FILE.safetensors --tokenizer tokenizer.json --out FILE

MOST: how many questions of the file are trained on. WEIGHTS: MiniLM's, or those of a reader that is to learn more.
Needs training/requirements.txt, in an environment of its own. Question and passage are read apart, so that it starts
as good as MiniLM is. A unit (sentence, item, row) is scored by the cosine of its mean state and by late interaction
(ColBERT, Khattab and Zaharia 2020). The scores of all units of a question's passages compete with each other and with
"not said", whose score is 0 (shared normalisation, Clark and Gardner 2018), so that they compare across passages.
"""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.cases import Case, Step, read_cases, steps_of
from training.checkpoint import checkpoint
from training.held_out import is_held_out
from training.measures import report
from training.model import Reader, scored
from training.tokens import Encoder

SEED = 7
MOST = 1_000
"""Questions of one file: none outweighs the others."""
EPOCHS, RATE, RATE_OF_SCALES, WARM_UP, DECAY = 1, 5e-5, 2e-2, 0.1, 0.01


def loss_of(logits: Tensor, gold: Tensor) -> Tensor:
    """Shared normalisation over all units and "not said", and all gold units alike above the others."""
    everything = torch.logsumexp(torch.cat([logits, logits.new_zeros(1)]), 0)
    if not gold.any():
        return everything
    right = torch.logsumexp(logits[gold], 0)
    return everything - right + 0.3 * (everything - logits[gold].mean())


def train(model: Reader, steps: Sequence[Step], encoder: Encoder) -> None:
    """AdamW with a linear warm-up and decay."""
    body = [p for name, p in model.named_parameters() if p.requires_grad and name != "scales"]
    groups = [
        {"params": body, "lr": RATE},
        {"params": [model.scales], "lr": RATE_OF_SCALES, "weight_decay": 0.0},
    ]
    optimiser, last = torch.optim.AdamW(groups, weight_decay=DECAY), len(steps)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1, n / (WARM_UP * last), (last - n) / ((1 - WARM_UP) * last))
    )
    started, total = time.time(), 0.0
    for done, step in enumerate(steps, 1):
        loss = torch.stack([loss_of(*pair) for pair in scored(model, step, encoder)]).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total += loss.item()
        if done % 25 == 0:
            print(f"step {done}/{last} loss {total / 25:.3f} {time.time() - started:.0f} s", flush=True)
            total = 0.0


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", required=True, action="append")
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
    for file, _, most in (value.partition("=") for value in arguments.examples):
        found, cases = read_cases(Path(file))
        passages |= found
        held += [case for case in cases if is_held_out(case.document)]
        rest = [case for case in cases if not is_held_out(case.document)]
        kept += random.Random(SEED).sample(rest, min(int(most or MOST), len(rest)))
    encoder = Encoder(arguments.tokenizer, passages)
    weights = load_file(arguments.weights)
    model = Reader(weights)
    print(f"{len(kept)} questions to train on, {len(held)} held out", flush=True)
    chance = random.Random(SEED)
    train(model, [step for _ in range(arguments.epochs) for step in steps_of(kept, chance)], encoder)
    save_file(checkpoint(model, weights), arguments.out)
    report(model, held, encoder)


if __name__ == "__main__":
    main()
