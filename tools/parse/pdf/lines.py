"""Words of a PDF page to runs, runs to rows, rows to lines."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tools.parse.pdf.words import Word

_WIDE_GAP = 1.0  # times the type size: wider than any gap between two words


class Run(NamedTuple):
    """Words side by side without a wide gap, and their box in points from the top left."""

    words: list[Word]
    left: float
    top: float
    right: float
    bottom: float


class Line(NamedTuple):
    """A line of text, its page (from 1), its box in points from the top left, its type size."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool


def run_of(words: Sequence[Word]) -> Run:
    """The run of `words`, which are in reading order."""
    return Run(
        list(words),
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )


def runs_of(words: Iterable[Word]) -> list[Run]:
    """The runs of a page: PDFium's lines, cut where a gap is wider than between words."""
    runs: list[Run] = []
    current: list[Word] = []
    for word in words:
        if current and not _follows(current[-1], word):
            runs.append(run_of(current))
            current = []
        current.append(word)
    return [*runs, run_of(current)] if current else runs


def _follows(before: Word, word: Word) -> bool:
    if before.line != word.line or word.top >= before.bottom or word.bottom <= before.top:
        return False
    gap = max(word.left - before.right, before.left - word.right)
    return gap <= _WIDE_GAP * max(before.size, word.size, 4)


def rows_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs by the height at which they stand, from the top; in a row from the left (or right, as the script runs)."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: (run.top + run.bottom) / 2):
        middle = (run.top + run.bottom) / 2
        if rows and any(other.top < middle < other.bottom and _apart(run, other) for other in rows[-1]):
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        back = runs_back(word for run in row for word in run.words)
        row.sort(key=(lambda run: -run.right) if back else (lambda run: run.left))
    return rows


def _apart(run: Run, other: Run) -> bool:
    """Whether two runs stand side by side, or nearly so."""
    common = min(run.right, other.right) - max(run.left, other.left)
    return common < 0.3 * min(run.right - run.left, other.right - other.left) + 1


def runs_back(words: Iterable[Word]) -> bool:
    """Whether most of the letters are of a script that runs from right to left."""
    counts = Counter(unicodedata.bidirectional(word.text[0]) for word in words)
    return counts["R"] + counts["AL"] > counts["L"]


def line_of(row: Sequence[Run], page: int) -> Line:
    """The line of the runs of a row."""
    words = [word for run in row for word in run.words]
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[word.size] += len(word.text)
    bold = sum(len(word.text) for word in words if word.bold)
    whole = run_of(words)
    return Line(
        " ".join(word.text for word in words),
        page,
        *whole[1:],
        size=max(sizes, key=lambda size: (sizes[size], size)),
        bold=bold >= 0.9 * sizes.total(),
    )
