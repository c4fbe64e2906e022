"""OCR by the program tesseract."""

import csv
import io
import os
import subprocess
from typing import TYPE_CHECKING

from state.errors import KairosError
from tools.parse.ocr import Reading, TextLine

if TYPE_CHECKING:
    from PIL.Image import Image

_SECONDS = 60  # for one picture
_COMMAND = ["tesseract", "stdin", "stdout", "--psm", "3", "tsv"]
_LEAST_SURE = 30  # of 100, for a word


def read_with_tesseract(picture: "Image") -> Reading:
    """The lines of text in a picture. Raises KairosError: ocr_failed."""
    data = io.BytesIO()
    picture.convert("RGB").save(data, "PNG", compress_level=1)
    try:
        done = subprocess.run(  # noqa: S603
            _COMMAND,
            input=data.getvalue(),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        raise KairosError("ocr_failed", f"tesseract took longer than {_SECONDS} s for one picture.") from None
    except subprocess.CalledProcessError as error:
        cause = " ".join(error.stderr.decode(errors="replace").split())[:200].rstrip(".")
        raise KairosError("ocr_failed", f"tesseract could not read a picture: {cause}.") from error
    return Reading(_lines(done.stdout.decode()), picture.width, picture.height)


def _lines(table: str) -> list[TextLine]:
    lines: dict[tuple[str, str, str], TextLine] = {}
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] != "5" or float(row["conf"]) < _LEAST_SURE or not row["text"].strip():
            continue
        left, top = float(row["left"]), float(row["top"])
        right, bottom = left + float(row["width"]), top + float(row["height"])
        key = row["block_num"], row["par_num"], row["line_num"]
        before = lines.get(key, TextLine("", left, top, right, bottom))
        lines[key] = TextLine(
            f"{before.text} {row['text'].strip()}".strip(),
            min(before.left, left),
            min(before.top, top),
            max(before.right, right),
            max(before.bottom, bottom),
        )
    return list(lines.values())
