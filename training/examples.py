"""Examples to train the reader on: questions with the passages that search finds for them.

python -m training.examples --data FOLDER [--data FOLDER] --out FILE

FOLDER is of the evaluation format `qa`. The passages are found by the product's own search, so that the reader learns
from what it will be given: the right passage among those that look right. One JSON object a line, first the passages.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.progress import track

from evals.corpus import load
from evals.database import own_database
from evals.formats import QaSet, Question, load_qa
from evals.qa_scores import is_answerable
from state.filters import Filters
from state.identity import Identity
from state.passages import PassageData
from tools.evidence import to_passages
from tools.reading.units import units
from tools.rerank.rank import rerank
from tools.retrieval import find
from tools.standalone import standalone

FOUND = 10
"""Passages a question."""

Span = tuple[int, int]
ASKER = Identity("eval", "training", local=True)


async def examples(folder: Path) -> Iterator[dict[str, Any]]:
    """The passages that were found, and the questions with the spans of their answers in them."""
    data, passages, asked = load_qa(folder), dict[str, PassageData](), list[dict[str, Any]]()
    async with own_database():
        numbers = await load(ASKER, data.documents, lambda *_: None)
        for question in track(data.questions, f"Searching {folder.name}"):
            found = await _found(question, data, numbers)
            passages |= {passage["id"]: passage for passage in found}
            asked.append(_example(folder.name, question, found))
    return iter([*(_passage(folder.name, passage) for passage in passages.values()), *asked])


async def _found(question: Question, data: QaSet, numbers: dict[str, int]) -> list[PassageData]:
    text = _text(question)
    only = [numbers[question.document_id or ""]] if data.scope == "document" else None
    filters = Filters(documents=only)
    return await rerank(ASKER, text, await find(ASKER, text, filters=filters), FOUND, filters=filters)


def _text(question: Question) -> str:
    """The question as the assistant searches for it: with the topic of the earlier turns."""
    return standalone(question.question, [(turn.role, turn.content) for turn in question.history])


def _passage(name: str, passage: PassageData) -> dict[str, Any]:
    return {
        "set": name,
        "passage": passage["id"],
        "title": passage["title"],
        "headings": list(passage["headings"]),
        "text": passage["text"],
        "units": [(unit.start, unit.end) for unit in units(to_passages([passage]))],
    }


def _example(name: str, question: Question, found: Sequence[PassageData]) -> dict[str, Any]:
    """`answers` and `evidence`: for each passage, the spans of it that answer or hold the answer."""
    own = [question.document_id in (passage["document"], None) for passage in found]
    answers = [
        _spans(question.answers, question.answer_starts, p) if o else []
        for p, o in zip(found, own, strict=True)
    ]
    evidence = [_spans(question.evidence, (), p) if o else [] for p, o in zip(found, own, strict=True)]
    return {
        "set": name,
        "id": question.id,
        "document": question.document_id,
        "question": _text(question),
        "answerable": is_answerable(question),
        "passages": [passage["id"] for passage in found],
        "answers": answers,
        "evidence": evidence if any(evidence) else answers,
    }


def _spans(wanted: Sequence[str], starts: Sequence[int], passage: PassageData) -> list[Span]:
    """Where the words stand in the passage; `starts` count characters of the document."""
    first, text = passage["start"], passage["text"]
    if not starts:
        return [(text.index(words), text.index(words) + len(words)) for words in wanted if words in text]
    placed = [
        (start - first, start - first + len(words)) for start, words in zip(starts, wanted, strict=True)
    ]
    return [(max(0, start), min(end, len(text))) for start, end in placed if start < len(text) and end > 0]


async def _write(folders: Sequence[Path], out: Path) -> None:
    with out.open("w", encoding="utf-8") as file:
        for folder in folders:
            file.writelines(json.dumps(row) + "\n" for row in await examples(folder))


def main() -> None:
    """Write the examples of all folders to one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(_write(arguments.data, arguments.out))


if __name__ == "__main__":
    main()
