"""How far passages support a claim: by quote, by words and hard facts, and last by meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from tools.analyse import terms
from tools.passages import Passage
from tools.reading.claims import Claim
from tools.reading.facts import missing_facts
from tools.reading.locate import quoted
from tools.reading.polarity import is_negated
from tools.reading.weights import likeness, term_weights
from tools.sentences import sentence_spans

_ENOUGH = 0.8  # of the claim's weight found in one window: supported without a vector
_TOO_LITTLE = 0.25  # less than this in every window: unsupported without a vector
_SAME_SENTENCE = (
    0.5  # of the claim's weight in one sentence: then a "not" on one side only is a contradiction
)
_LEAST = 0.5  # mean of coverage and cosine from which a claim counts as supported
_TURNED = 5  # words; a shorter quote is a value, not a statement
_WINDOW = 3  # sentences that may support one claim together
_NEAREST = 4  # windows whose vectors are worth their time


@dataclass(frozen=True, slots=True)
class Support:
    """Whether a claim is supported, how well (0 to 1), and why."""

    supported: bool
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Window:
    """One to three sentences in a row of a passage, and the share of the claim's weight they hold."""

    text: str
    coverage: float
    single: bool


def without_meaning(claim: Claim, passages: Sequence[Passage]) -> Support | None:
    """What quotes, facts and words decide; None when they do not."""
    if not passages:
        return Support(False, 0.0, "no passage to rest on")
    if any(_quotes(claim.plain, passage.text) for passage in passages):
        return Support(True, 1.0, "quoted")
    if claim.bare or not terms(claim.plain):
        return Support(True, 1.0, "claims nothing")
    source = " ".join(" ".join((passage.title, *passage.headings, passage.text)) for passage in passages)
    if missing := missing_facts(claim.plain, source):
        return Support(False, 0.0, f"not in the passage: {', '.join(missing)}")
    return _by_words(claim, nearest(claim, passages))


def with_meaning(windows: Sequence[Window], cosines: Sequence[float]) -> Support:
    """Support by the mean of shared words and closeness of meaning, best over the windows."""
    pairs = zip(windows, cosines, strict=True)
    score = max(((window.coverage + cosine) / 2 for window, cosine in pairs), default=0.0)
    supported = score >= _LEAST
    return Support(supported, max(0.0, min(1.0, score)), "meaning close" if supported else "meaning too far")


def nearest(claim: Claim, passages: Sequence[Passage]) -> list[Window]:
    """The windows that share most with the claim, best first, fewer sentences before more."""
    wanted = list(dict.fromkeys(terms(claim.plain)))
    split = [[passage.text[slice(*span)] for span in sentence_spans(passage.text)] for passage in passages]
    weights = term_weights(wanted, (set(terms(text)) for texts in split for text in texts))
    found = [
        window
        for passage, texts in zip(passages, split, strict=True)
        for window in _windows(texts, set(terms(" ".join((passage.title, *passage.headings)))), weights)
    ]
    return sorted(found, key=lambda window: (-window.coverage, len(window.text)))


def closest(windows: Sequence[Window]) -> list[Window]:
    """The few windows worth a vector."""
    return list(islice(windows, _NEAREST))


def _quotes(claim: str, text: str) -> bool:
    """Whether the claim stands in the text, and no "not" before it in the same sentence turns it round."""
    span = quoted(claim, text)
    if span is None:
        return False
    start = next((start for start, end in sentence_spans(text) if start <= span[0] < end), span[0])
    return len(claim.split()) < _TURNED or not is_negated(text[start : span[0]])


def _by_words(claim: Claim, windows: Sequence[Window]) -> Support | None:
    covered = windows[0].coverage if windows else 0.0
    single = next((window for window in windows if window.single), None)
    if single and single.coverage >= _SAME_SENTENCE and is_negated(claim.plain) != is_negated(single.text):
        return Support(False, 1 - single.coverage, "one says not, the other does not")
    if covered >= _ENOUGH:
        return Support(True, covered, "words found")
    return Support(False, covered, "words not found") if covered < _TOO_LITTLE else None


def _windows(texts: Sequence[str], above: set[str], weights: dict[str, float]) -> list[Window]:
    found = [set(terms(text)) for text in texts]
    total = sum(weights.values()) or 1.0
    windows = []
    for start in range(len(texts)):
        for end in range(start + 1, min(start + _WINDOW, len(texts)) + 1):
            inside = above.union(*found[start:end])
            covered = sum(weight * likeness(term, inside) for term, weight in weights.items()) / total
            windows.append(Window(" ".join(texts[start:end]), covered, end == start + 1))
    return windows
