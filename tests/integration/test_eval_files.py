"""`eval files` over a small folder: the product's own ingest machine reads it, in a database of its own."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from rich.console import Console

from evals.files import run
from evals.report import failure_table, to_json
from state.identity import Identity
from state.postgres import file_reports


def write_pdf(target: Path, password: str = "") -> None:
    pdf = FPDF()
    if password:
        pdf.set_encryption("owner", password)
    pdf.set_font("helvetica", size=12)
    for page in ("The lighthouse has ninety steps.", "Its lamp turns twice a minute."):
        pdf.add_page()
        pdf.write(text=page)
    pdf.output(str(target))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound page, PDF and archive; a page without its phrase; an empty, a damaged and a locked file."""
    one, two = tmp_path / "data" / "one", tmp_path / "data" / "two"
    for each in (one, two):
        each.mkdir(parents=True)
    (one / "ferry.md").write_text("# Ferries\n\nThe ferry to\nSandholm   leaves at nine.\n")
    (one / "tram.txt").write_text("Tram four ends at the quay.")
    (one / "empty.txt").write_text("")
    write_pdf(one / "lighthouse.pdf")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("notes/buoys.txt", "Green buoys lie to starboard.")
        made.writestr("notes/nothing.txt", "")
    (two / "harbour.zip").write_bytes(archive.getvalue())
    (two / "damaged.pdf").write_bytes(b"%PDF-1.7\n\0\0 nothing of use")
    write_pdf(two / "locked.pdf", "user")
    header = "path,bytes,type,note,expected\n"
    (one / "manifest.csv").write_text(
        f"{header}ferry.md,1,md,ok,text=the ferry to sandholm leaves\n"
        "tram.txt,1,txt,ok,text=Tram nine\nempty.txt,0,txt,empty,\n"
        'lighthouse.pdf,1,pdf,ok,"pages=2; text=ninety steps"\n'
    )
    (two / "manifest.csv").write_text(
        f"{header}harbour.zip,1,zip,ok,text=Green buoys\ndamaged.pdf,1,pdf,malformed,\n"
        "locked.pdf,1,pdf,encrypted;password=user,text=ninety steps\n"
    )
    return tmp_path / "data"


async def test_files_are_read_and_scored(pool: object, folder: Path) -> None:
    told: list[Any] = []
    report = await run(folder, None, lambda *progress: told.append(progress))
    assert told[-1] == ("Reading", 7, 7)
    values = {name: measured["value"] for name, measured in report.metrics.items()}
    assert (report.kind, report.data, report.n) == ("files", "data", 7)
    assert values["parsed"] == pytest.approx(4 / 7)
    assert values["failed"] == pytest.approx(3 / 7)
    assert (values["crashed"], values["hung"]) == (0, 0)
    assert values["snippets_found"] == pytest.approx(3 / 4)
    assert values["pages_right"] == 1
    assert values["peak_mb"] is not None
    assert values["peak_mb"] > 5
    assert report.slices["pdf"].n == 3
    assert report.slices["zip"].metrics["parsed"]["value"] == 1
    assert report.slices["note=malformed"].metrics["failed"]["value"] == 1
    failed = {code: [failure.path for failure in found] for code, found in report.failures.items()}
    assert failed == {
        "file_empty": ["one/empty.txt", "two/harbour.zip/notes/nothing.txt"],
        "snippet_missing": ["one/tram.txt"],
        "file_corrupt": ["two/damaged.pdf"],
        "file_encrypted": ["two/locked.pdf"],
    }
    assert json.loads(to_json(report))["failures"]["file_corrupt"][0]["path"] == "two/damaged.pdf"
    out = io.StringIO()
    Console(file=out, width=160).print(failure_table(report))
    assert "damaged.pdf is damaged" in out.getvalue()


async def test_only_the_first_files_and_nothing_left_behind(pool: object, folder: Path) -> None:
    report = await run(folder / "one", 2, lambda *_: None)
    assert (report.n, report.metrics["parsed"]["value"]) == (2, 1)
    assert await file_reports.list_files(Identity("eval", "eval")) == []
