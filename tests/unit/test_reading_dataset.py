"""The pages and questions that the reader is trained on are what their README says."""

from pathlib import Path

import pytest

from evals.formats import load_qa
from training.held_out import is_held_out

FOLDER = Path("evals/datasets/reading")
PARTS = ("a", "b", "c", "d", "e", "f", "g")


@pytest.mark.parametrize("part", PARTS)
def test_answers_and_evidence_stand_in_their_page(part: str) -> None:
    data = load_qa(FOLDER / part)
    texts = {document.id: document.text for document in data.documents}
    for question in data.questions:
        text = texts[question.document_id or ""]
        assert all(span in text for span in (*question.answers, *question.evidence)), question.id
        assert all(text.count(span) == 1 for span in question.evidence), question.id
        assert bool(question.answers) == bool(question.evidence) == (question.kind != "unanswerable")


def test_some_pages_of_each_part_are_never_trained_on() -> None:
    for part in PARTS:
        documents = load_qa(FOLDER / part).documents
        held = [document.id for document in documents if is_held_out(f"{part}:{document.id}")]
        assert 0.02 < len(held) / len(documents) < 0.35
