"""Pure measures: rankings (as trec_eval), answers (as SQuAD 1.1), gold spans, percentiles."""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log2

import numpy as np

from state.errors import KairosError

Grades = Mapping[str, int]
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_PLAIN_MARKS = str.maketrans("‘’“”‐‑–—", "''\"\"----")
_OUTER = " .,;:!?'\""


def ndcg_at(k: int, ranking: Sequence[str], grades: Grades) -> float:
    """nDCG of the first k: sum of grade / log2(rank + 1), a linear gain, over the ideal (trec_eval, BEIR)."""
    gains = [max(grades.get(name, 0), 0) for name in _top(k, ranking)]
    ideal = sorted((grades[name] for name in _relevant(grades)), reverse=True)[:k]
    return _dcg(gains) / _dcg(ideal)


def recall_at(k: int, ranking: Sequence[str], grades: Grades) -> float:
    """Share of the relevant documents (grade 1 or more) among the first k (trec_eval recall_k)."""
    relevant = _relevant(grades)
    return len(relevant.intersection(_top(k, ranking))) / len(relevant)


def all_at(k: int, ranking: Sequence[str], grades: Grades) -> float | None:
    """1 if all relevant documents are among the first k, else 0; None where there are not at least two."""
    relevant = _relevant(grades)
    return float(relevant <= set(_top(k, ranking))) if len(relevant) > 1 else None


def reciprocal_rank(k: int, ranking: Sequence[str], grades: Grades) -> float:
    """1 / rank of the first relevant document among the first k, else 0; its mean is MRR@k (MS MARCO)."""
    relevant = _relevant(grades)
    return next((1 / rank for rank, name in enumerate(_top(k, ranking), 1) if name in relevant), 0.0)


def percentile(values: Sequence[float], q: float) -> float:
    """The q-th percentile (0 to 100), linear between neighbours (as numpy), in the values' unit."""
    return float(np.percentile(np.asarray(values, dtype=np.float64), q))


def normalise(text: str) -> str:
    """Lower case without ASCII punctuation, articles and extra blanks (SQuAD evaluate-v1.1)."""
    words = text.lower().translate(_PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", words).split())


def exact_match(answer: str, golds: Iterable[str]) -> float:
    """1 if the answer equals a gold after `normalise`, else 0 (SQuAD EM); one or more golds."""
    return max(float(normalise(answer) == normalise(gold)) for gold in golds)


def token_f1(answer: str, golds: Iterable[str]) -> float:
    """Harmonic mean of token precision and recall after `normalise`, best over one or more golds (SQuAD)."""
    return max(_f1(normalise(answer).split(), normalise(gold).split()) for gold in golds)


def contains_gold(text: str, gold: str) -> bool:
    """Does the gold span stand in the text, at whole words and numbers; blanks, case, quotes, dashes aside.

    Meant for scripts that put blanks between words. An empty gold is never found.
    """
    span = _fold(gold).strip(_OUTER) or _fold(gold)
    if not span:
        return False
    # "5" must not be found in "15", "1,500" must not hold "500", "10:30" must not hold "10".
    before = r"(?<!\w)(?<!\d[.,:])" if span[0].isdigit() else r"(?<!\w)" if span[0].isalnum() else ""
    after = r"(?!\w|[.,:]\d)" if span[-1].isdigit() else r"(?!\w)" if span[-1].isalnum() else ""
    return re.search(before + re.escape(span) + after, _fold(text)) is not None


def contains_any(text: str, golds: Iterable[str]) -> bool:
    """Does one of the alternative gold spans stand in the text (`contains_gold`)."""
    return any(contains_gold(text, gold) for gold in golds)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN_MARKS).split())


def _top(k: int, ranking: Sequence[str]) -> list[str]:
    # A document found twice counts once, at its best rank.
    return list(dict.fromkeys(ranking))[:k]


def _relevant(grades: Grades) -> set[str]:
    relevant = {name for name, grade in grades.items() if grade > 0}
    if not relevant:
        raise KairosError("eval_unscorable", "A query without a relevant document cannot be scored.")
    return relevant


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _f1(answer: Sequence[str], gold: Sequence[str]) -> float:
    if not answer or not gold:
        return float(answer == gold)
    shared = (Counter(answer) & Counter(gold)).total()
    return 2 * shared / (len(answer) + len(gold))
