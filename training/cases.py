"""The questions that the reader is trained on, from the files that training.examples writes."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUESTIONS, PASSAGES = 8, 3
"""Of one step; passages with the answer first, others from the best that search found."""

Span = tuple[int, int]


@dataclass
class Case:
    """A question, its passages (best first), and per passage the spans that hold the answer."""

    id: str
    document: str
    question: str
    passages: list[str]
    evidence: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))


def is_gold(unit: Span, evidence: Sequence[Span]) -> bool:
    """Most of the shorter one lies in the other."""
    return any(
        min(unit[1], end) - max(unit[0], start) > 0.5 * min(unit[1] - unit[0], end - start)
        for start, end in evidence
    )


def read_cases(file: Path) -> tuple[dict[str, Any], list[Case]]:
    """Passages by id, and the cases; the same question asked twice of a document is one case with both answers."""
    passages: dict[str, Any] = {}
    cases: dict[tuple[str, str, str], Case] = {}
    lost: set[tuple[str, str, str]] = set()  # search did not find the answer: there is nothing to learn
    for line in file.open(encoding="utf-8"):
        row = json.loads(line)
        if "passage" in row:
            passages[f"{row['set']}:{row['passage']}"] = row
            continue
        key = (row["set"], row["document"], row["question"])
        keys = [f"{row['set']}:{passage}" for passage in row["passages"]]
        case = cases.setdefault(
            key, Case(row["id"], f"{row['set']}:{row['document']}", row["question"], keys)
        )
        for passage, spans in zip(keys, row["evidence"], strict=True):
            case.evidence[passage] += [tuple(span) for span in spans]
        if row["answerable"] and not any(row["evidence"]):
            lost.add(key)
    return passages, [case for key, case in cases.items() if key not in lost or any(case.evidence.values())]


def steps_of(cases: Sequence[Case], chance: random.Random) -> Iterator[list[tuple[Case, list[str]]]]:
    """Steps of QUESTIONS questions, each with its PASSAGES passages."""
    order = list(cases)
    chance.shuffle(order)
    for first in range(0, len(order) - QUESTIONS + 1, QUESTIONS):
        step = []
        for case in order[first : first + QUESTIONS]:
            right = [p for p in case.passages if case.evidence.get(p)]
            wrong = [p for p in case.passages if not case.evidence.get(p)]
            chosen = chance.sample(right, min(2, len(right)))
            weights = [1 / (2 + rank) for rank in range(len(wrong))]
            while wrong and len(chosen) < PASSAGES:
                place = chance.choices(range(len(wrong)), weights)[0]
                chosen.append(wrong.pop(place))
                weights.pop(place)
            step.append((case, chosen))
        yield step
