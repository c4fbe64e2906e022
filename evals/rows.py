"""Checked rows of data files: a fault is a KairosError `eval_data_invalid` naming file, line, column."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from state.errors import KairosError


class _Row(Protocol):
    @property
    def id(self) -> str: ...


RowT = TypeVar("RowT", bound=_Row)
T = TypeVar("T")


def json_rows(path: Path, kind: type[RowT]) -> Iterator[tuple[int, RowT]]:
    """Yield (line number from 1, row) of a JSONL file, one line in memory at a time; ids are unique."""
    adapter: TypeAdapter[RowT] = TypeAdapter(kind)
    seen: set[str] = set()
    for line, text in lines(path):
        row = _validated(adapter, path, text, line)
        if row.id in seen:
            fail(path, f"the id '{row.id}' stands in an earlier line too", line)
        seen.add(row.id)
        yield line, row


def json_file(path: Path, kind: type[T]) -> T:
    """Read a file that holds one JSON object."""
    return _validated(TypeAdapter(kind), path, "\n".join(text for _, text in lines(path)))


def tsv_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number from 1, column -> field) of a tab-separated file whose header names the columns."""
    rows = lines(path)
    header_line, header = next(rows, (1, ""))
    names = header.split("\t")
    for column in columns:
        if column not in names:
            fail(path, "missing from the header", header_line, column)
    for line, text in rows:
        fields = text.split("\t")
        if len(fields) != len(names):
            fail(path, f"{len(fields)} fields where the header has {len(names)}", line)
        yield line, dict(zip(names, fields, strict=True))


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text) of the lines of a UTF-8 file that are not blank."""
    # Lines are cut in binary, at \n only: JSON allows other line ends, such as U+2028, within strings.
    line = 0
    try:
        with path.open("rb") as file:
            for line, content in enumerate(file, 1):
                text = content.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n")
                if text.strip():
                    yield line, text
    except FileNotFoundError:
        fail(path, "the file is missing")
    except UnicodeDecodeError as error:
        fail(path, f"not UTF-8 at byte {error.start + 1}", line)
    except OSError as error:
        fail(path, f"cannot be read ({error.strerror})")


def fail(path: Path, reason: str, line: int | None = None, column: str = "") -> NoReturn:
    """Raise the KairosError of a fault at this place."""
    where = str(path) + (f", line {line}" if line else "") + (f", column {column}" if column else "")
    raise KairosError("eval_data_invalid", f"{where}: {reason}.") from None


def _validated(adapter: TypeAdapter[T], path: Path, text: str, line: int | None = None) -> T:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
    reason = "missing" if first["type"] == "missing" else first["msg"]
    # A JSONL line is one line of JSON, so only the place within it tells something.
    reason = reason.replace(" at line 1 column ", " at byte ") if line else reason
    fail(path, reason, line, ".".join(str(part) for part in first["loc"]))
