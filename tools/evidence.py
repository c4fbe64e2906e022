"""From passages and verified sentences to citations that open the document at the quoted words."""

from bisect import bisect_right
from collections.abc import Sequence

from state.assistant import Citation, PassageData, VerifiedSentence
from tools.passages import Passage
from tools.reading.locate import locate


def to_passages(passages: Sequence[PassageData]) -> list[Passage]:
    """Passages as the models and the judge see them."""
    return [
        Passage(
            id=passage["id"],
            document=passage["document"],
            title=passage["title"],
            text=passage["text"],
            start=passage["start"],
            page=passage["page"],
            headings=tuple(passage["headings"]),
            score=passage["score"],
        )
        for passage in passages
    ]


def cite(sentences: Sequence[VerifiedSentence], passages: Sequence[PassageData]) -> list[Citation]:
    """One citation for each place that the sentences rest on, in the order they are used."""
    found: dict[tuple[int, int, int], Citation] = {}
    for sentence in sentences:
        for number in sentence["citations"]:
            if 1 <= number <= len(passages):
                citation = _citation(number, sentence["text"], passages[number - 1])
                found.setdefault((number, citation["start"], citation["end"]), citation)
    return [c for c in found.values() if not any(_within(c, other) for other in found.values())]


def _within(inner: Citation, outer: Citation) -> bool:
    """Whether another citation shows these words and more."""
    same = inner["number"] == outer["number"] and inner is not outer
    return same and outer["start"] <= inner["start"] and inner["end"] <= outer["end"]


def _citation(number: int, sentence: str, passage: PassageData) -> Citation:
    """The words of the passage that the sentence quotes, or else the sentence of the passage nearest to it."""
    start, end = locate(sentence, passage["text"])
    return Citation(
        number=number,
        document_id=passage["document_id"],
        version=passage["version"],
        document=passage["document"],
        title=passage["title"],
        page=_page(passage, passage["start"] + start),
        quote=passage["text"][start:end],
        start=passage["start"] + start,
        end=passage["start"] + end,
        also_in=passage.get("also_in", []),
    )


def _page(passage: PassageData, place: int) -> int | None:
    """The page that a character of the passage's document stands on."""
    page = passage["page"]
    return page and page + bisect_right(passage["page_starts"], place)
