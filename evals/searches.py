"""What `eval retrieval` searches for: the queries of a set in BEIR layout, or the questions of a `qa` set."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.formats import Document, Question, load_qa, load_retrieval
from evals.qa_scores import is_answerable
from state.identity import Identity
from tools.standalone import standalone

EVALUATOR = Identity("eval", "eval")


@dataclass(frozen=True, slots=True)
class Search:
    """One query by its asker; `grades` of documents (1 or more is relevant), and its question if it has gold spans."""

    text: str
    asker: Identity
    grades: Mapping[str, int]
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class SearchSet:
    """Documents and what is searched in them."""

    documents: tuple[Document, ...]
    searches: tuple[Search, ...]


def load_searches(folder: Path, limit: int | None = None) -> SearchSet:
    """Read a set of either format; the first `limit` queries or questions, every document.

    Of questions, those with an answer that the asker may see. Raises KairosError `eval_data_invalid`.
    """
    if (folder / "questions.jsonl").exists():
        data = load_qa(folder, limit)
        return SearchSet(data.documents, tuple(map(_asked, filter(_has_place, data.questions))))
    judged = load_retrieval(folder, limit)
    searches = (Search(query.text, EVALUATOR, judged.qrels[query.id]) for query in judged.queries)
    return SearchSet(judged.corpus, tuple(searches))


def _has_place(question: Question) -> bool:
    return is_answerable(question) and bool(question.document_id or question.document_ids)


def _asked(question: Question) -> Search:
    """A follow-up is searched as the assistant does: with the topic of the earlier turns."""
    history = [(turn.role, turn.content) for turn in question.history]
    documents = question.document_ids or (question.document_id or "",)
    return Search(
        text=standalone(question.question, history),
        asker=Identity(EVALUATOR.tenant, EVALUATOR.principal, tuple(question.groups)),
        grades=dict.fromkeys(documents, 1),
        question=question,
    )
