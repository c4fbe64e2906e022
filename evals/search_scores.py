"""Scores of one search: documents rank by their best passage; passages are read in their order."""

from collections.abc import Sequence
from typing import TypedDict

from evals.bootstrap import Interval, interval
from evals.metrics import all_at, ndcg_at, recall_at, reciprocal_rank
from evals.qa_scores import reads_gold
from evals.searches import Search
from state.assistant import PassageData
from tools.chunking import count_words
from tools.chunking.chunk import WORD

TOP = 5
BUDGET = 1_000
"""Words: what five passages of the default size hold."""


SearchScores = TypedDict(
    "SearchScores",
    {
        "ndcg@10": float,
        "recall@10": float,
        "mrr@10": float,
        "all@5": float | None,
        "gold@5": float | None,
        "words@5": float | None,
        "gold@1000_words": float | None,
        "latency_ms": float,
    },
)
"""all@5: all relevant documents are among the best five, None for a query that has one; gold@5: the gold span stands
in one of the best five passages; words@5: how many words these hold; gold@1000_words: it stands in the passages as far
as 1,000 words go. None without gold spans."""


def score(wanted: Search, passages: Sequence[PassageData], milliseconds: float) -> SearchScores:
    """Score what was found, best first."""
    ranking = list(dict.fromkeys(passage["document"] for passage in passages))
    asked = wanted.question
    return {
        "ndcg@10": ndcg_at(10, ranking, wanted.grades),
        "recall@10": recall_at(10, ranking, wanted.grades),
        "mrr@10": reciprocal_rank(10, ranking, wanted.grades),
        "all@5": all_at(TOP, ranking, wanted.grades),
        "gold@5": _reads_gold(wanted, passages[:TOP]) if asked else None,
        "words@5": float(sum(count_words(p["text"]) for p in passages[:TOP])) if asked else None,
        "gold@1000_words": _reads_gold(wanted, within(passages, BUDGET)) if asked else None,
        "latency_ms": milliseconds,
    }


def within(passages: Sequence[PassageData], words: int) -> list[PassageData]:
    """The first `words` words of the passages, the last one cut short."""
    kept: list[PassageData] = []
    for passage in passages:
        ends = [match.end() for match in WORD.finditer(passage["text"])]
        if not words:
            break
        kept.append({**passage, "text": passage["text"][: ends[min(words, len(ends)) - 1]] if ends else ""})
        words -= min(words, len(ends))
    return kept


def metrics(scores: Sequence[SearchScores]) -> dict[str, Interval]:
    """Means with their intervals, and percentiles of the latency; nothing for what no search has."""
    found: dict[str, Interval] = {}
    for name in ("ndcg@10", "recall@10", "mrr@10", "all@5", "gold@5", "words@5", "gold@1000_words"):
        values: list[float | None] = [scored[name] for scored in scores]
        if any(value is not None for value in values):
            found[name] = interval(values)
    latencies = [scored["latency_ms"] for scored in scores]
    found["latency_p50_ms"] = interval(latencies, percentile=50)
    found["latency_p95_ms"] = interval(latencies, percentile=95)
    return found


def _reads_gold(wanted: Search, passages: Sequence[PassageData]) -> float:
    # The same words in another document are not the answer's place.
    texts = [passage["text"] for passage in passages if passage["document"] in wanted.grades]
    return float(wanted.question is not None and reads_gold(wanted.question, texts))
