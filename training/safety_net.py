"""The guard's networks in training: features in, logits out. See training/safety.py."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

BUCKETS, WIDTH, HIDDEN = 1 << 16, 16, 96
EPOCHS, BATCH, RATE, DECAY, UNKNOWN = 8, 128, 2e-3, 1e-2, 0.4
HIDDEN_GRAMS = 0.85
"""Share of the n-grams that a text loses each time it is seen."""
SCALE = 12.0
"""A unit vector's 384 components are small; without this they would be learned last."""
FALSE_ALARMS, OVER_REFUSALS, FOREIGN_ALARMS, SECOND_LOOKS = 0.01, 0.02, 0.05, 0.15
"""Of ordinary harmless texts, each source counting the same; of harmless ones that look like harmful requests."""
OURS = "ours-"
"""How the names of the sources that we wrote begin."""
MEASURED = {"doc2dial", "qqp", "policyqa", "cranfield", "wice", "bipia-table", "purplellama-context"}

Floats = NDArray[np.float32]
Chosen = NDArray[np.bool_]


@dataclass(frozen=True)
class Data:
    """Features of n texts; targets (n, heads) with NaN where a head is not taught; a row describes each."""

    buckets: Tensor
    starts: Tensor
    sizes: Tensor
    marks: Tensor
    further: Tensor
    targets: Tensor
    rows: list[dict[str, Any]]

    def of(self, test: Callable[[dict[str, Any]], bool]) -> Chosen:
        """Which rows pass the test."""
        return np.array([test(row) for row in self.rows])


class Net(nn.Module):
    """The network of tools/guard/injection/network.py."""

    def __init__(self, marks: int, further: int, heads: int) -> None:
        super().__init__()
        self.further = further
        self.table = nn.EmbeddingBag(BUCKETS, WIDTH, mode="sum")
        nn.init.normal_(self.table.weight, std=0.05)
        self.first = nn.Linear(WIDTH + marks + 1 + further, HIDDEN)
        self.second = nn.Linear(HIDDEN, heads)
        self.drop = nn.Dropout(0.3)
        self.drop_vector = nn.Dropout(0.2)

    def forward(self, data: Data, rows: Tensor, known: Tensor) -> Tensor:
        """Logits (rows, heads); `known` (rows, 1) says where the vector may be seen."""
        sizes = data.sizes[rows]
        offsets = torch.cumsum(sizes, 0) - sizes
        at = torch.arange(int(sizes.sum())) - offsets.repeat_interleave(sizes)
        indices = data.buckets[data.starts[rows].repeat_interleave(sizes) + at]
        kept = torch.rand(len(indices)) > HIDDEN_GRAMS if self.training else torch.ones(len(indices))
        bag = self.table(indices, offsets, per_sample_weights=kept.float() / kept.float().mean())
        bag = bag / sizes.sqrt()[:, None]
        seen = torch.cat(
            [bag, data.marks[rows], known, SCALE * self.drop_vector(data.further[rows]) * known], 1
        )
        return self.second(self.drop(torch.relu(self.first(seen))))


def read(folder: Path, name: str, targets: Callable[[dict[str, Any]], tuple[float, ...]]) -> Data:
    """The features of `users` or `documents`."""
    rows = [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
    with np.load(folder / f"{name}.npz") as stored:
        sizes = torch.from_numpy(stored["sizes"])
        return Data(
            torch.from_numpy(stored["buckets"]).long(),
            torch.cumsum(sizes, 0) - sizes,
            sizes,
            torch.from_numpy(stored["marks"]),
            torch.from_numpy(stored["further"].astype(np.float32)),
            torch.tensor([targets(row) for row in rows]),
            rows,
        )


def user_targets(row: dict[str, Any]) -> tuple[float, float]:
    """(attack, harmful); what only breaks a rule of its system prompt is no example of anything."""
    if row["label"] == "attack":
        return (float("nan") if "logic-violating" in row["kind"] else 1.0), float("nan")
    return (float("nan"), 1.0) if row["label"] == "harmful" else (0.0, 0.0)


def weights(data: Data, chosen: Chosen) -> Tensor:
    """Sources and labels count by the root of their number."""
    keys = [f"{row['source']}/{row['label']}/{row.get('hit')}" for row in data.rows]
    number: dict[str, int] = {}
    for key, used in zip(keys, chosen, strict=True):
        number[key] = number.get(key, 0) + int(used)
    found = torch.tensor([max(1, number[key]) ** -0.3 for key in keys])
    return found / found[torch.from_numpy(chosen)].mean()


def fit(data: Data, chosen: Chosen, seed: int) -> Net:
    """AdamW on the chosen rows; the vector is hidden from a share of them."""
    torch.manual_seed(seed)
    net = Net(data.marks.shape[1], data.further.shape[1], data.targets.shape[1])
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    weight, rows = weights(data, chosen), torch.from_numpy(np.flatnonzero(chosen))
    steps = EPOCHS * (len(rows) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.02, 1 - step / steps))
    for _ in range(EPOCHS):
        for batch in rows[torch.randperm(len(rows))].split(BATCH):
            known = (torch.rand(len(batch), 1) > UNKNOWN).float()
            logits, target = net(data, batch, known), data.targets[batch]
            taught = ~target.isnan()
            loss = nn.functional.binary_cross_entropy_with_logits(
                logits, target.nan_to_num(), reduction="none"
            )
            loss = (loss * taught * weight[batch][:, None]).sum() / taught.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


@torch.no_grad()
def logits(nets: Sequence[Net], data: Data, chosen: Chosen, known: bool) -> Floats:
    """(rows, heads), the mean over the networks."""
    found = []
    for batch in torch.from_numpy(np.flatnonzero(chosen)).split(1024):
        flags = torch.full((len(batch), 1), float(known))
        found.append(torch.stack([net(data, batch, flags) for net in nets]).mean(0))
    return torch.cat(found).numpy()


def folds(data: Data, key: Callable[[dict[str, Any]], str], number: int = 4) -> NDArray[np.int64]:
    """The fold of each row, by a hash of its key."""
    digests = [hashlib.sha256(key(row).encode()).digest() for row in data.rows]
    return np.array([int.from_bytes(digest[:4], "big") % number for digest in digests])


def held_out_logits(
    data: Data, usable: Chosen, fold: NDArray[np.int64], number: int = 4
) -> tuple[Floats, Floats]:
    """Logits of all rows without and with the vector, each by a network that did not see its fold."""
    plain = np.full(tuple(data.targets.shape), np.nan, np.float32)
    known = plain.copy()
    for this in range(number):
        own = fold == this
        net = fit(data, usable & ~own, this)
        plain[own], known[own] = logits([net], data, own, False), logits([net], data, own, True)
        print(f"fold {this + 1} of {number}", flush=True)
    return plain, known
