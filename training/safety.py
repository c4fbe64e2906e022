"""Train the guard's two networks: attacks and harmful requests in what users write, commands in documents.

python -m training.safety --features FOLDER --out tools/weights/guard.npz

FOLDER is what training.safety_texts wrote. Needs training/requirements.txt, in an environment of its own. Four folds,
by text, give the figures that are printed, the calibration and the thresholds: never what was trained on.
"""

import argparse
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

BUCKETS, WIDTH, HIDDEN = 1 << 16, 16, 48
EPOCHS, BATCH, RATE, DECAY, UNKNOWN = 4, 128, 2e-3, 1e-2, 0.4
HIDDEN_GRAMS = 0.5
SCALE = 12.0
"""A unit vector's 384 components are small; without this they would be learned last."""
FALSE_ALARMS = 0.01
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


def platt(found: Floats, target: Floats, weight: Floats) -> tuple[float, float]:
    """Slope and offset of the logistic curve (Platt 1999), by Newton's method."""
    taught = ~np.isnan(target)
    rows = np.stack([found[taught], np.ones(taught.sum())], axis=1).astype(np.float64)
    theta = np.array([1.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(rows @ theta, -30, 30)))
        curvature = (rows * (weight[taught] * p * (1 - p))[:, None]).T @ rows + 1e-2 * np.eye(2)
        step = np.linalg.solve(curvature, rows.T @ (weight[taught] * (target[taught] - p)))
        theta += np.clip(step, -0.3, 0.3)  # a full step may overshoot where the classes hardly overlap
    return float(theta[0]), float(theta[1])


def calibrated(data: Data, plain: Floats, known: Floats, usable: Chosen) -> tuple[Floats, Floats, Floats]:
    """Scales (2, 2, heads) of the logistic curves, and the probabilities without and with the vector."""
    weight = weights(data, usable).numpy()
    target = data.targets.numpy().copy()
    target[~usable] = np.nan
    scales = np.zeros((2, 2, target.shape[1]), np.float32)
    found = [plain.copy(), known.copy()]
    for which, values in enumerate((plain, known)):
        for head in range(target.shape[1]):
            slope, offset = platt(values[:, head], target[:, head], weight)
            scales[which, :, head] = slope, offset
            found[which][:, head] = 1 / (1 + np.exp(-(slope * values[:, head] + offset)))
    return scales, found[0], found[1]


def worst_of_documents(data: Data, plain: Floats, known: Floats) -> dict[int, float]:
    """The score of each document: its worst piece, the worst two of them read with their vectors."""
    pieces: dict[int, list[int]] = {}
    for row, described in enumerate(data.rows):
        pieces.setdefault(described["document"], []).append(row)
    found = {}
    for document, rows in pieces.items():
        rows.sort(key=lambda row: -plain[row, 0])
        found[document] = float(max([*known[rows[:2], 0], *plain[rows[2:3], 0]]))
    return found


def threshold(scores: Floats, sources: Sequence[str], share: float) -> float:
    """The score that `share` of the harmless texts reach, each source counting the same."""
    number = {name: sources.count(name) for name in set(sources)}
    weight = np.array([1 / number[name] for name in sources])
    order = np.argsort(-scores)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(scores[order][np.searchsorted(reached, share)])


def print_shares(what: str, keys: Sequence[str], refused: Chosen) -> None:
    """How much of each group is refused."""
    print(f"-- {what}: share refused, by texts that the network was not trained on")
    for key in sorted(set(keys)):
        own = refused[np.array([key == other for other in keys])]
        print(f"{key:42s} n {len(own):5d}  {own.mean():.3f}")


def users(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
    """The network for what users write, and its thresholds; prints what it does with texts it did not see."""
    data = read(folder, "users", user_targets)
    usable = data.of(lambda row: row["source"] not in MEASURED)
    # Look-alikes of one text (its varied forms, requests that begin alike) are in one fold.
    fold = folds(data, lambda row: row["origin"])
    scales, _, known = calibrated(data, *held_out_logits(data, usable, fold), usable)
    calm = data.of(lambda row: row["label"] == "benign" and not row["kind"].startswith("varied"))
    thresholds = {}
    refused = np.zeros(len(calm), bool)
    for head, (name, share) in enumerate((("attack", FALSE_ALARMS / 2), ("harmful", FALSE_ALARMS / 2))):
        own = calm & usable
        sources = [row["source"] for row, used in zip(data.rows, own, strict=True) if used]
        thresholds[name] = threshold(known[own, head], sources, share)
        refused |= known[:, head] >= thresholds[name]
    keys = [f"{row['label']}/{row['source']}/{row['kind']}" for row in data.rows]
    print_shares("users", keys, refused)
    print_shares(
        "users, sources",
        [f"{row['label']}/{row['source']}/{row['kind'][:6] == 'varied'}" for row in data.rows],
        refused,
    )
    net = fit(data, usable, 0)
    return parameters(net, scales, "user"), thresholds


def documents(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
    """The network for documents, and its threshold; prints what it does with texts it did not see."""
    data = read(folder, "documents", lambda row: (float(row["hit"]),))
    usable = data.of(lambda row: row["source"] not in MEASURED)
    fold = folds(data, lambda row: row["attack"] or str(row["document"]))
    plain, known = held_out_logits(data, usable, fold)
    scales, plain, known = calibrated(data, plain, known, usable)
    scores = worst_of_documents(data, plain, known)
    first = {row["document"]: row for row in reversed(data.rows)}
    names, worst = list(scores), np.array(list(scores.values()), np.float32)
    calm = np.array([first[n]["label"] == "benign" and first[n]["source"] not in MEASURED for n in names])
    sources = [first[n]["source"] for n, used in zip(names, calm, strict=True) if used]
    bar = threshold(worst[calm], sources, FALSE_ALARMS)
    keys = [f"{first[n]['label']}/{first[n]['source']}/{first[n]['kind']}" for n in names]
    print_shares("documents", keys, worst >= bar)
    print_shares(
        "documents, sources", [f"{first[n]['label']}/{first[n]['source']}" for n in names], worst >= bar
    )
    net = fit(data, usable, 0)
    return parameters(net, scales, "context"), {"context": bar}


def parameters(net: Net, scales: Floats, name: str) -> dict[str, NDArray[Any]]:
    """What tools/guard/injection/network.py reads, as float16."""
    state = {key: value.detach().numpy() for key, value in net.state_dict().items()}
    first = state["first.weight"].T.copy()
    first[-net.further :] *= SCALE
    found = {
        "table": state["table.weight"],
        "first": first,
        "first_bias": state["first.bias"],
        "second": state["second.weight"].T,
        "second_bias": state["second.bias"],
        "scales": scales,
    }
    return {f"{name}.{part}": np.ascontiguousarray(values, np.float16) for part, values in found.items()}


def main() -> None:
    """Print what was measured, and write the networks and the checksum beside them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    user, thresholds = users(arguments.features)
    context, bar = documents(arguments.features)
    np.savez_compressed(arguments.out, **user, **context, thresholds=np.array(json.dumps(thresholds | bar)))
    digest = hashlib.sha256(arguments.out.read_bytes()).hexdigest()
    arguments.out.with_suffix(".sha256").write_text(digest + "\n", encoding="ascii")
    print(json.dumps(thresholds | bar))


if __name__ == "__main__":
    main()
