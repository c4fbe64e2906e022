"""What the reader reaches on questions whose pages it was not trained on."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from training.cases import Case
from training.model import Reader, scored
from training.tokens import Encoder

READ = 10
"""Passages of a question."""
WRONGLY_DECLINED = 0.1


def report(model: Reader, held: Sequence[Case], encoder: Encoder) -> None:
    """Print the measures of each set."""
    by_set: dict[str, list[tuple[Tensor, Tensor]]] = defaultdict(list)
    by_document = defaultdict(list)
    for case in held:
        by_document[case.document].append((case, case.passages[:READ]))
    model.eval()
    for document, step in by_document.items():
        with torch.no_grad():
            by_set[document.partition(":")[0]] += scored(model, step, encoder)
    model.train()
    for name, pairs in by_set.items():
        print(name, measures(pairs), flush=True)
    print("scales", [round(value, 2) for value in model.scales.tolist()], flush=True)


def measures(pairs: Sequence[tuple[Tensor, Tensor]]) -> dict[str, float]:
    """The best unit is right; the area under the curve of "is it said at all", and what one threshold declines."""
    right = [bool(gold[logits.argmax()]) for logits, gold in pairs if gold.any()]
    said = sorted(torch.logsumexp(logits, 0).item() for logits, gold in pairs if gold.any())
    unsaid = [torch.logsumexp(logits, 0).item() for logits, gold in pairs if not gold.any()]
    wins = [(a > b) + 0.5 * (a == b) for a in said for b in unsaid]
    least = said[int(WRONGLY_DECLINED * len(said))] if said else 0.0
    return {
        "answered": len(right),
        "best_unit": round(sum(right) / max(1, len(right)), 3),
        "unsaid": len(unsaid),
        "said_auc": round(sum(wins) / max(1, len(wins)), 3),
        "declined": round(sum(odds < least for odds in unsaid) / max(1, len(unsaid)), 3),
    }
