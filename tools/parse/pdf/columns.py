"""The order in which the parts of a PDF page are read."""

from collections.abc import Sequence
from statistics import median

from tools.parse.pdf.grid_table import Table
from tools.parse.pdf.lines import Run, rows_of

Item = Run | Table

_BIN = 2.0  # points
_DEEPEST = 4  # columns in columns
_LEAST_GUTTER = 6.0  # points
_LEAST_ROWS = 3  # on each side of a gutter
_FULL = 0.55  # of the width of a column: what lines of running text fill at least
_MANY_ROWS, _MANY_WORDS = 8, 5  # ragged lines; the cells of a table have fewer words
_LEAST_CHARACTERS = 12  # a line of running text


def regions_of(items: Sequence[Item], depth: int = 0) -> list[list[Item]]:
    """`items` in parts to be read one after the other: bands from the top, in a band its columns from the left."""
    gutter = _gutter(items) if depth < _DEEPEST and len(items) >= 2 * _LEAST_ROWS else None
    if gutter is None:
        return [list(items)]
    regions: list[list[Item]] = []
    plain: list[Item] = []
    for band in _bands(items, gutter):
        left, right = (
            [item for item in band if item.right <= gutter],
            [item for item in band if item.left >= gutter],
        )
        if left and right and len(left) + len(right) == len(band):
            regions += [plain] * bool(plain)
            plain = []
            regions += [*regions_of(left, depth + 1), *regions_of(right, depth + 1)]
        else:
            plain += band
    return [*regions, *[plain] * bool(plain)]


def _bands(items: Sequence[Item], gutter: float) -> list[list[Item]]:
    """`items` from the top, in turn those that cross the gutter and those that stand beside it."""
    bands: list[list[Item]] = []
    crossed: bool | None = None
    for item in sorted(items, key=lambda item: item.top + item.bottom):
        crosses = item.left < gutter < item.right
        if crosses != crossed:
            bands.append([])
            crossed = crosses
        bands[-1].append(item)
    return bands


def _gutter(items: Sequence[Item]) -> float | None:
    """The middle of the upright white strip that the fewest items cross, if running text stands on both sides."""
    left, right = min(item.left for item in items), max(item.right for item in items)
    bins = int((right - left) / _BIN) + 1
    change = [0] * (bins + 2)
    for item in items:
        change[int((item.left - left) / _BIN)] += 1
        change[int((item.right - left) / _BIN) + 1] -= 1
    counts, count = [], 0
    for step in change[:bins]:
        count += step
        counts.append(count)
    first, last = int(0.12 * bins), int(0.88 * bins)
    if last - first < 3:
        return None
    fewest = min(counts[first:last])
    strips, start = [], None
    for place in range(first, last + 1):
        if place < last and counts[place] == fewest:
            start = place if start is None else start
        elif start is not None:
            strips.append((place - start, start))
            start = None
    width, start = max(strips)
    at = left + (start + width / 2) * _BIN
    return at if width * _BIN >= _LEAST_GUTTER and _parts_text(items, at) else None


def _parts_text(items: Sequence[Item], at: float) -> bool:
    """Whether most items stand beside `at`, and there is running text on both sides, or plainly so on one."""
    left, right = [item for item in items if item.right <= at], [item for item in items if item.left >= at]
    crossing = len(items) - len(left) - len(right)
    if crossing <= len(left) + len(right) and _is_text(left) and _is_text(right):
        return True
    if crossing or min(len(left), len(right)) < _MANY_ROWS:
        return False
    return _is_prose(left) or _is_prose(right)


def _is_text(items: Sequence[Item]) -> bool:
    """Whether items are lines of running text, which fill their column, or tables."""
    runs = [item for item in items if isinstance(item, Run)]
    if not runs:
        return bool(items)
    rows = rows_of(runs)
    if len(rows) < _LEAST_ROWS:
        return False
    width = max(run.right for run in runs) - min(run.left for run in runs)
    fills = [sum(run.right - run.left for run in row) / width for row in rows]
    lengths = [sum(len(word.text) for run in row for word in run.words) for row in rows]
    if median(fills) >= _FULL and median(lengths) >= _LEAST_CHARACTERS:
        return True
    return _is_prose(items)


def _is_prose(items: Sequence[Item]) -> bool:
    """Whether items are many lines of many words, ragged as they may be."""
    runs = [item for item in items if isinstance(item, Run)]
    return len(runs) >= _MANY_ROWS and median(len(run.words) for run in runs) >= _MANY_WORDS
