"""Passages of a document that overlap are read as one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from state.passages import PassageData


@dataclass
class _Stretch:
    """Passages of one document, in the order of its text, each of which overlaps those before it."""

    rank: int
    passages: list[PassageData] = field(default_factory=list)
    text: str = ""

    @property
    def end(self) -> int:
        return self.passages[0]["start"] + len(self.text)

    def goes_on(self, passage: PassageData) -> bool:
        first = self.passages[0]
        same = (first["document_id"], first["version"]) == (passage["document_id"], passage["version"])
        return same and passage["start"] < self.end

    def add(self, rank: int, passage: PassageData) -> None:
        at = passage["start"] - self.passages[0]["start"] if self.passages else 0
        self.rank = min(self.rank, rank)
        self.passages.append(passage)
        self.text += passage["text"][len(self.text) - at :]


def join(passages: Sequence[PassageData]) -> list[PassageData]:
    """The passages, best first, overlapping ones as one that stands where its best one stood.

    It has the id and the score of the best, and the page and headings of where it begins.
    """
    found: list[_Stretch] = []
    placed = sorted(enumerate(passages), key=lambda item: (item[1]["document_id"], item[1]["start"]))
    for rank, passage in placed:
        if not found or not found[-1].goes_on(passage):
            found.append(_Stretch(rank))
        found[-1].add(rank, passage)
    return [_read(stretch, passages[stretch.rank]) for stretch in sorted(found, key=lambda one: one.rank)]


def _read(stretch: _Stretch, best: PassageData) -> PassageData:
    if len(stretch.passages) == 1:
        return best
    first, others = stretch.passages[0], [one for one in stretch.passages if one is not best]
    starts = {place for passage in stretch.passages for place in passage["page_starts"]}
    return {
        **best,
        "merged": [*best["merged"], *(number for one in others for number in (one["id"], *one["merged"]))],
        "text": stretch.text,
        "start": first["start"],
        "page": first["page"],
        "page_starts": sorted(starts),
        "headings": first["headings"],
    }
