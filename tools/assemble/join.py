"""Passages that stand side by side in a document are read as one."""

from collections.abc import Sequence
from typing import NamedTuple

from state.passages import PassageData

GAP = 4
"""Characters between two chunks: only blanks lie there."""
_HEADER = "Header: "


class Stretch(NamedTuple):
    """Passages of one document, in the order of its text, that touch or overlap; `rank` is that of the best."""

    rank: int
    passages: tuple[PassageData, ...]

    @property
    def span(self) -> tuple[int, int]:
        """Characters of the document's text, end exclusive."""
        return self.passages[0]["start"], max(_end(passage) for passage in self.passages)


def stretches(passages: Sequence[PassageData]) -> list[Stretch]:
    """The passages, best first, those that can be read as one together; a stretch stands where its best one stood."""
    found: list[Stretch] = []
    ranked = sorted(enumerate(passages), key=lambda item: (item[1]["document_id"], item[1]["start"]))
    for rank, passage in ranked:
        if found and _continues(found[-1], passage):
            last = found.pop()
            found.append(Stretch(min(last.rank, rank), (*last.passages, passage)))
        else:
            found.append(Stretch(rank, (passage,)))
    return sorted(found)


def joined(stretch: Stretch, text: str, page_starts: Sequence[int]) -> PassageData:
    """One passage with the text of a stretch, under the headings above its beginning; id and score are the best's.

    page_starts: the characters of the document at which its pages begin, from the second on.
    """
    start, end = stretch.span
    first = stretch.passages[0]
    best, *others = sorted(stretch.passages, key=lambda passage: -passage["score"])
    also_in = [path for passage in (best, *others) for path in passage.get("also_in", [])]
    return {
        **best,
        "merged": [
            *best["merged"],
            *(number for other in others for number in [other["id"], *other["merged"]]),
        ],
        "text": text,
        "start": start,
        "page": first["page"],
        "page_starts": [place for place in page_starts if start < place < end],
        "headings": first["headings"],
        "also_in": list(dict.fromkeys(also_in)),
    }


def _continues(stretch: Stretch, passage: PassageData) -> bool:
    first = stretch.passages[0]
    same = (first["document_id"], first["version"]) == (passage["document_id"], passage["version"])
    return same and passage["start"] <= stretch.span[1] + GAP and not _lost(stretch, passage)


def _lost(stretch: Stretch, passage: PassageData) -> bool:
    """Whether a heading of the passage would be told no more, such as the names of columns it alone carries."""
    told = "\n".join(passage["text"] for passage in (*stretch.passages, passage))
    above = stretch.passages[0]["headings"]
    return any(
        heading not in above and heading.removeprefix(_HEADER) not in told for heading in passage["headings"]
    )


def _end(passage: PassageData) -> int:
    return passage["start"] + len(passage["text"])
