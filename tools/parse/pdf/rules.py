"""The lines drawn on a PDF page, and how much of it pictures cover."""

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.parse.pdf.words import Turn

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_THIN = 3.0  # points: a rule is not thicker
_SHORT = 5.0  # points: a rule is not shorter
_SMALL = 12.0  # points: smaller shapes are letters and marks
_MOST_OBJECTS = 20_000  # read of a page; beyond are maps and plots
_MOST_RULES = 3_000
_MOST_SEGMENTS = 500  # of one path
_DEEPEST = 3  # forms inside forms


class Box(NamedTuple):
    """A box in points; a rule is one without height or without width."""

    left: float
    top: float
    right: float
    bottom: float


class Drawn(NamedTuple):
    """Rules from left to right and from top to bottom, the share of the page under pictures, and shapes in all."""

    across: list[Box]
    down: list[Box]
    pictures: float
    shapes: int


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def drawn_on(page: "PdfPage", turn: Turn) -> Drawn:
    """What is drawn on a page, in the coordinates of `turn`; no rules if there are too many to be tables."""
    from pypdfium2 import raw

    across: list[Box] = []
    down: list[Box] = []
    area, shapes = 0.0, 0
    for count, (item, matrix) in enumerate(_objects(raw, page.raw, None, _IDENTITY, 0)):
        if count > _MOST_OBJECTS or len(across) + len(down) > _MOST_RULES:
            return Drawn([], [], min(area / (turn.width * turn.height or 1), 1.0), shapes + count)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            box = _bounds(raw, item, matrix, turn)
            area += (box.right - box.left) * (box.bottom - box.top)
        elif kind == raw.FPDF_PAGEOBJ_PATH and _is_painted(raw, item):
            shapes += 1
            for edge in _edges(raw, item, matrix, turn):
                (across if edge.bottom - edge.top < edge.right - edge.left else down).append(edge)
    return Drawn(across, down, min(area / (turn.width * turn.height or 1), 1.0), shapes)


def _objects(raw: Any, page: Any, form: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    """Each object of a page or form that is not text, with the matrix to page coordinates."""
    count = raw.FPDFFormObj_CountObjects(form) if form else raw.FPDFPage_CountObjects(page)
    for index in range(count):
        item = raw.FPDFFormObj_GetObject(form, index) if form else raw.FPDFPage_GetObject(page, index)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            yield from _objects(raw, page, item, _times(_matrix(raw, item), matrix), depth + 1)
        elif kind != raw.FPDF_PAGEOBJ_TEXT:
            yield item, matrix


def _edges(raw: Any, path: Any, matrix: Matrix, turn: Turn) -> Iterator[Box]:
    """The upright and level lines of a path, the sides of a box among them."""
    box = _bounds(raw, path, matrix, turn)
    wide, high = box.right - box.left, box.bottom - box.top
    if wide <= _THIN or high <= _THIN:
        if max(wide, high) >= _SHORT:
            yield box
    elif max(wide, high) >= _SMALL and (wide < 0.97 * turn.width or high < 0.97 * turn.height):
        count = raw.FPDFPath_CountSegments(path)
        if count <= _MOST_SEGMENTS:
            yield from _sides(raw, path, _times(_matrix(raw, path), matrix), turn, count)


def _sides(raw: Any, path: Any, matrix: Matrix, turn: Turn, count: int) -> Iterator[Box]:
    x, y = ctypes.c_float(), ctypes.c_float()
    start = before = (0.0, 0.0)
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point, kind = _at(matrix, x.value, y.value), raw.FPDFPathSegment_GetType(segment)
        ends = [(before, point)] if kind == raw.FPDF_SEGMENT_LINETO else []
        start = point if kind == raw.FPDF_SEGMENT_MOVETO else start
        if raw.FPDFPathSegment_GetClose(segment):
            ends.append((point, start))
        for a, b in ends:
            box = Box(*turn.box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])))
            wide, high = box.right - box.left, box.bottom - box.top
            if min(wide, high) <= 1 and max(wide, high) >= _SHORT:
                yield box
        before = point


def _bounds(raw: Any, item: Any, matrix: Matrix, turn: Turn) -> Box:
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, sides))
    left, bottom, right, top = (side.value for side in sides)
    ax, ay = _at(matrix, left, bottom)
    bx, by = _at(matrix, right, top)
    return Box(*turn.box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))


def _is_painted(raw: Any, path: Any) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    return bool(fill.value or stroke.value)


def _matrix(raw: Any, item: Any) -> Matrix:
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    k, l, m, n, o, p = then  # noqa: E741
    return (
        a * k + b * m,
        a * l + b * n,
        c * k + d * m,
        c * l + d * n,
        e * k + f * m + o,
        e * l + f * n + p,
    )


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
