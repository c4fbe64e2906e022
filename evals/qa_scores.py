"""Scores of one answered question; None where a measure does not apply to it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from evals.formats import Question
from evals.metrics import contains_any, contains_gold, exact_match, token_f1


class QaScores(TypedDict):
    """Each 1, 0 or (f1) between; None: not for this question. Over a set, the mean is the metric.

    answer_has_gold: answerable; the gold span stands in the answer (two documents: every gold span).
    exact_match: answerable; the answer equals a gold one (SQuAD EM).
    f1: answerable; token overlap with the best gold one (SQuAD F1; two documents: with all gold ones joined).
    cited_has_gold: answerable; the gold span or evidence stands in a cited quote or cited passage.
    declined_right: unanswerable or restricted; the answer was declined.
    declined_wrong: answerable; the answer was declined.
    leaked: restricted; a gold span or evidence stands in the answer, a quote or a cited passage.
    """

    answer_has_gold: float | None
    exact_match: float | None
    f1: float | None
    cited_has_gold: float | None
    declined_right: float | None
    declined_wrong: float | None
    leaked: float | None


def score(question: Question, result: Mapping[str, Any], passage_texts: Sequence[str] = ()) -> QaScores:
    """Score a result (`answer`, `citations` with `quote`, `declined`), with its cited passages if given.

    A declined answer scores 0 on the four measures of answers: what it shows beside the refusal is no answer.
    """
    answer, declined = str(result["answer"]), bool(result["declined"])
    cited = [str(citation["quote"]) for citation in result["citations"]] + list(passage_texts)
    if not is_answerable(question):
        return _unanswered(declined, leaked(question, [answer, *cited]))
    return {
        "answer_has_gold": float(not declined and has_gold(question, [answer])),
        "exact_match": 0.0 if declined else exact_match(answer, _whole_answers(question)),
        "f1": 0.0 if declined else token_f1(answer, _whole_answers(question)),
        "cited_has_gold": float(not declined and cited_has_gold(question, cited)),
        "declined_right": None,
        "declined_wrong": float(declined),
        "leaked": None,
    }


def is_answerable(question: Question) -> bool:
    """Has gold answers and may be answered: neither `unanswerable` nor `restricted` for the asker."""
    return any(map(str.strip, question.answers)) and question.kind not in ("unanswerable", "restricted")


def has_gold(question: Question, texts: Sequence[str]) -> bool:
    """A gold answer stands in one of the texts; with several `document_ids`, every answer in one of them."""
    return _spans_stand(question, question.answers, texts)


def cited_has_gold(question: Question, texts: Sequence[str]) -> bool:
    """As `has_gold` on cited texts, where the `evidence` spans count as well as the answers."""
    return has_gold(question, texts) or _spans_stand(question, question.evidence, texts)


def reads_gold(question: Question, texts: Sequence[str]) -> bool:
    """The place of the answer was read: the `evidence` spans, or without any the answers, as in `has_gold`."""
    return _spans_stand(question, question.evidence or question.answers, texts)


def leaked(question: Question, texts: Sequence[str]) -> float | None:
    """1 if any gold span of a `restricted` question stands in a text the asker was shown, else 0."""
    secrets = (*question.answers, *question.evidence)
    if question.kind != "restricted" or not any(map(str.strip, secrets)):
        return None
    return float(any(contains_any(text, secrets) for text in texts))


def _spans_stand(question: Question, spans: Sequence[str], texts: Sequence[str]) -> bool:
    found = [any(contains_gold(text, span) for text in texts) for span in spans]
    return bool(found) and (all(found) if _needs_all(question) else any(found))


def _needs_all(question: Question) -> bool:
    # One answer from each document; otherwise several answers are alternatives.
    return len(question.document_ids) > 1


def _whole_answers(question: Question) -> tuple[str, ...]:
    return (" ".join(question.answers),) if _needs_all(question) else question.answers


def _unanswered(declined: bool, leak: float | None) -> QaScores:
    return {
        "answer_has_gold": None,
        "exact_match": None,
        "f1": None,
        "cited_has_gold": None,
        "declined_right": float(declined),
        "declined_wrong": None,
        "leaked": leak,
    }
