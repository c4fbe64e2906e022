"""The questions that the reader is trained on, from the files that training.examples writes."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DOCUMENTS, QUESTIONS, PASSAGES = 3, 8, 6
"""Of one step; questions and passages of each document. Questions of a document are found much the same passages,
so that one reading of these serves them all."""
_SURELY = 10.0

Span = tuple[int, int]


@dataclass
class Case:
    """A question, its passages (best first), and per passage the spans that hold the answer."""

    id: str
    document: str
    question: str
    passages: list[str]
    evidence: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))


Step = list[tuple[Case, list[str]]]
"""Questions with their passages."""


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


def steps_of(cases: Sequence[Case], chance: random.Random) -> Iterator[Step]:
    """Steps of DOCUMENTS with QUESTIONS of each, and for each question those of their PASSAGES it was found."""
    by_document = defaultdict(list)
    for case in chance.sample(cases, len(cases)):
        by_document[case.document].append(case)
    groups = [
        own[first : first + QUESTIONS]
        for own in by_document.values()
        for first in range(0, len(own), QUESTIONS)
    ]
    chance.shuffle(groups)
    for first in range(0, len(groups) - DOCUMENTS + 1, DOCUMENTS):
        yield [pair for group in groups[first : first + DOCUMENTS] for pair in _with_passages(group, chance)]


def _with_passages(group: Sequence[Case], chance: random.Random) -> Iterator[tuple[Case, list[str]]]:
    """Passages that hold an answer first, others by chance: the better found, the likelier."""
    worth: dict[str, float] = defaultdict(float)
    for case in group:
        for rank, passage in enumerate(case.passages):
            worth[passage] += _SURELY if case.evidence.get(passage) else chance.random() / (2 + rank)
    kept = set(sorted(worth, key=lambda passage: -worth[passage])[:PASSAGES])
    for case in group:
        if chosen := [passage for passage in case.passages if passage in kept]:
            yield case, chosen
