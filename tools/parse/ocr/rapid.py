"""OCR by RapidOCR, whose wheel holds its models."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tools.parse.ocr import Reading, TextLine

if TYPE_CHECKING:
    from PIL.Image import Image

_THREADS = 1  # a worker process has a core; more make the others wait
_SAMPLES = 5  # lines that show which way up a picture is
_PARAMS = {
    "Global.log_level": "error",
    # A third less memory and time than the defaults.
    "Det.limit_type": "max",
    "Det.limit_side_len": 1280,
    "Rec.rec_batch_num": 1,
    "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def rapid_engine() -> "Callable[[Image], Reading]":
    """A function that reads pictures; it holds the loaded models."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params=_PARAMS)
    return lambda picture: _read(engine, picture)


def _read(engine: Any, picture: "Image") -> Reading:
    import numpy as np

    pixels = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    lines = _lines(engine, pixels)
    if 2 * sum(line.bottom - line.top > 1.5 * (line.right - line.left) for line in lines) > len(lines):
        pixels = np.ascontiguousarray(np.rot90(pixels))
        lines = _lines(engine, pixels)  # as it stands it misses some, and short ones stand in a wrong place
    if lines and _is_upside_down(engine, pixels, lines):
        pixels = np.ascontiguousarray(pixels[::-1, ::-1])
        lines = _lines(engine, pixels)
    return Reading(lines, pixels.shape[1], pixels.shape[0])


def _lines(engine: Any, pixels: Any) -> list[TextLine]:
    found = engine(pixels)
    return [
        TextLine(text, *box.min(axis=0).tolist(), *box.max(axis=0).tolist())
        for box, text in zip(found.boxes if found.txts else (), found.txts or (), strict=True)
    ]


def _is_upside_down(engine: Any, pixels: Any, lines: list[TextLine]) -> bool:
    """Whether most of the longest lines stand on their heads."""
    longest = sorted(lines, key=lambda line: line.left - line.right)[:_SAMPLES]
    turned = 0
    for line in longest:
        left, top = max(int(line.left), 0), max(int(line.top), 0)
        crop = pixels[top : int(line.bottom) + 1, left : int(line.right) + 1]
        found = engine(crop, use_det=False, use_cls=True, use_rec=False)
        turned += found.cls_res[0][0] == "180"
    # The engine keeps what it was last told.
    engine.update_params(use_det=True, use_cls=True, use_rec=True)
    return 2 * turned > len(longest)
