"""Which columns of a wide table stand together, so that a header line can name them all."""

from collections.abc import Sequence

from tools.parse.values import is_number

_MOST_COLUMNS = 12
_WIDEST_HEADER = 280  # characters; the chunker carries 300 along, "Header: " included


def shared_out(names: Sequence[str], body: Sequence[Sequence[str]]) -> list[list[int]]:
    """The columns of each part of a table: all in one, or the row labels with as many as a header can name."""
    everything = list(range(len(names)))
    if len(names) < 3 or (len(names) <= _MOST_COLUMNS and _length(names, everything) <= _WIDEST_HEADER):
        return [everything]
    labels = [0, 1] if len(names) > 3 and _is_numbered(body) else [0]
    groups: list[list[int]] = []
    for column in everything[len(labels) :]:
        group = [*(groups[-1] if groups else labels), column]
        if len(group) > _MOST_COLUMNS or _length(names, group) > _WIDEST_HEADER or not groups:
            groups.append([*labels, column])
        else:
            groups[-1] = group
    return groups


def _is_numbered(body: Sequence[Sequence[str]]) -> bool:
    """Whether the first column only counts the rows, so that the second one is needed to tell them apart."""
    return sum(is_number(row[0]) for row in body) * 2 > len(body)


def _length(names: Sequence[str], columns: Sequence[int]) -> int:
    return sum(len(names[column]) + 3 for column in columns)
