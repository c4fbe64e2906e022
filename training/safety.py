"""Train the guard's two networks: attacks and harmful requests in what users write, commands in documents.

python -m training.safety --features FOLDER --out tools/weights/guard.npz

FOLDER is what training.safety_texts wrote. Needs training/requirements.txt, in an environment of its own. Four folds,
by text, give the figures that are printed, the calibration and the thresholds: never what was trained on.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tools.guard.injection.features import is_foreign
from training.safety_net import (
    FALSE_ALARMS,
    FOREIGN_ALARMS,
    MEASURED,
    OURS,
    OVER_REFUSALS,
    SCALE,
    SECOND_LOOKS,
    Chosen,
    Data,
    Floats,
    Net,
    fit,
    folds,
    held_out_logits,
    logits,
    read,
    user_targets,
)
from training.safety_scores import calibrated, pieces_of, print_recall, print_shares, threshold, worst_piece


def users(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
    """The network for what users write, and its thresholds; prints what it does with texts it did not see."""
    data = read(folder, "users", user_targets)
    usable = data.of(lambda row: row["source"] not in MEASURED)
    # Look-alikes of one text (its varied forms, requests that begin alike) are in one fold.
    fold = folds(data, lambda row: row["origin"])
    scales, _, known = calibrated(data, *held_out_logits(data, usable, fold), usable)
    calm = data.of(lambda row: row["label"] == "benign" and not row["kind"].startswith("varied"))
    own = data.of(lambda row: row["source"].startswith(OURS))
    ordinary = calm & usable & ~own
    alike = calm & data.of(lambda row: row["kind"].endswith("lookalike"))
    sources = [row["source"] for row, used in zip(data.rows, ordinary, strict=True) if used]
    thresholds = {
        "attack": threshold(known[ordinary, 0], sources, FALSE_ALARMS),
        "harmful": threshold(known[alike, 1], [OURS] * int(alike.sum()), OVER_REFUSALS),
    }
    foreign = data.of(lambda row: is_foreign(row["text"]))
    harmless = foreign & calm & own
    for head, name in enumerate(("attack", "harmful")):
        bar = threshold(known[harmless, head], [OURS] * int(harmless.sum()), FOREIGN_ALARMS)
        thresholds[f"{name}_foreign"] = max(thresholds[name], bar)
    english = known >= [thresholds["attack"], thresholds["harmful"]]
    others = known >= [thresholds["attack_foreign"], thresholds["harmful_foreign"]]
    refused: Chosen = np.any(np.where(foreign[:, None], others, english), axis=1)
    plainly = data.of(lambda row: not row["kind"].startswith("varied"))
    print_shares(
        "kinds", [f"{row['label']}/{row['source']}/{row['kind']}" for row in data.rows], refused, plainly
    )
    print_shares("sources", [f"{row['label']}/{row['source']}" for row in data.rows], refused, plainly)
    print_shares("varied", [f"{row['label']}/{row['source']}" for row in data.rows], refused, ~plainly)
    for source in ("purplellama", "advbench", "ours-a", "ours-b"):
        left_out(data, ordinary, source)
    net = fit(data, usable, 0)
    return parameters(net, scales, "user"), thresholds


def documents(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
    """The network for documents, and its threshold; prints what it does with texts it did not see."""
    data = read(folder, "documents", lambda row: (float(row["hit"]),))
    usable = data.of(lambda row: row["source"] not in MEASURED)
    fold = folds(data, lambda row: row["attack"] or str(row["document"]))
    plain, known = held_out_logits(data, usable, fold)
    scales, plain, known = calibrated(data, plain, known, usable)
    pieces = pieces_of(data, plain)
    first = {row["document"]: row for row in reversed(data.rows)}
    names = list(pieces)
    ordinary = {row["source"] for row in data.rows if not row["source"].startswith(OURS)} - MEASURED
    calm = np.array([first[n]["label"] == "benign" and first[n]["source"] in ordinary for n in names])
    sources = [first[n]["source"] for n, used in zip(names, calm, strict=True) if used]
    before = np.array([plain[pieces[n][0], 0] for n in names])
    second_look = threshold(before[calm], sources, SECOND_LOOKS)
    worst = np.array([worst_piece(pieces[n], plain, known, second_look) for n in names], np.float32)
    bar = threshold(worst[calm], sources, FALSE_ALARMS)
    everything = np.ones(len(names), bool)
    keys = [f"{first[n]['label']}/{first[n]['source']}/{first[n]['kind']}" for n in names]
    print_shares("kinds", keys, worst >= bar, everything)
    print_shares(
        "sources", [f"{first[n]['label']}/{first[n]['source']}" for n in names], worst >= bar, everything
    )
    for name in sorted({first[n]["source"] for n in names}):
        print_recall(name, [first[n] for n in names], worst)
    left_out_documents(data, "bipia")
    net = fit(data, usable, 0)
    return parameters(net, scales, "context"), {"context": bar, "second_look": second_look}


def left_out(data: Data, calm: Chosen, source: str) -> None:
    """Print the recall of a source whose attacks and harm were left out, at 1 % of ordinary texts left out too."""
    usable = data.of(lambda row: row["source"] not in MEASURED)
    fold = folds(data, lambda row: row["origin"])
    own = data.of(lambda row: row["source"] == source and not row["kind"].startswith("varied"))
    others = data.of(lambda row: row["source"] != source or row["label"] == "benign")
    net = fit(data, usable & (fold != 0) & others, 0)
    harmless = calm & (fold == 0)
    sources = [row["source"] for row, used in zip(data.rows, harmless, strict=True) if used]
    for head, name in enumerate(("attack", "harmful")):
        wanted = own & (data.targets[:, head].numpy() == 1)
        if wanted.any():
            bar = threshold(logits([net], data, harmless, True)[:, head], sources, FALSE_ALARMS)
            recall = (logits([net], data, wanted, True)[:, head] >= bar).mean()
            print(f"left out: {source}, {name}: n {wanted.sum()}, recall {recall:.3f} at 1 %", flush=True)


def left_out_documents(data: Data, source: str) -> None:
    """Print the recall of a source of documents that nothing was trained on, at 1 % of ordinary documents held out."""
    ordinary = {row["source"] for row in data.rows if not row["source"].startswith((OURS, source))} - MEASURED
    fold = folds(data, lambda row: row["attack"] or str(row["document"]))
    tested = data.of(lambda row: row["source"].startswith(source))
    harmless = data.of(lambda row: row["source"] in ordinary and row["label"] == "benign") & (fold == 0)
    net = fit(data, data.of(lambda row: row["source"] not in MEASURED) & ~tested & ~harmless, 0)
    rows = np.ones(len(data.rows), bool)
    plain, known = logits([net], data, rows, False), logits([net], data, rows, True)
    first = {row["document"]: row for row in reversed(data.rows)}
    scores = {n: worst_piece(own, plain, known, -np.inf) for n, own in pieces_of(data, plain).items()}
    calm = {data.rows[row]["document"] for row in np.flatnonzero(harmless)}
    sources = [first[n]["source"] for n in calm]
    bar = threshold(np.array([scores[n] for n in calm], np.float32), sources, FALSE_ALARMS)
    for name in sorted({first[n]["source"] for n in scores if first[n]["source"].startswith(source)}):
        found = [
            scores[n] >= bar for n in scores if first[n]["source"] == name and first[n]["label"] == "attack"
        ]
        print(f"left out: {name}: n {len(found)}, recall {np.mean(found):.3f} at 1 % of ordinary documents")


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
    torch.set_num_threads(1)  # the layers are too small to be shared out
    user, thresholds = users(arguments.features)
    context, bar = documents(arguments.features)
    arrays: dict[str, Any] = {**user, **context, "thresholds": np.array(json.dumps(thresholds | bar))}
    np.savez_compressed(arguments.out, **arrays)
    digest = hashlib.sha256(arguments.out.read_bytes()).hexdigest()
    arguments.out.with_suffix(".sha256").write_text(digest + "\n", encoding="ascii")
    print(json.dumps(thresholds | bar))


if __name__ == "__main__":
    main()
