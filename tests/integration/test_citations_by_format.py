"""A question about a file of each format is answered by its words, cited at their page and place."""

from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import docx
import pytest
from fpdf import FPDF
from openpyxl import Workbook

from state.assistant import Citation
from state.identity import Identity
from state.postgres import documents
from state.settings import settings
from tests.fixtures.ingestion import add, counts, ingest, somebody, sync
from tests.fixtures.web_server import answers, site
from tests.integration.test_assistant import ask

Make = Callable[[], bytes]


def pdf() -> bytes:
    made = FPDF()
    made.set_font("Helvetica", size=11)
    for text in ("Pilots of the harbour.", "The tug Alder tows 4,200 tonnes.", "Nothing else is known."):
        made.add_page()
        made.multi_cell(0, 6, f"{text} " + "Ropes are kept dry in the long shed behind the quay. " * 12)
    return bytes(made.output())


def word() -> bytes:
    made = docx.Document()
    made.add_heading("Beacons", 1)
    made.add_paragraph("Every beacon has a keeper.")
    table = made.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Beacon", "Height in metres"
    for name, height in (("Northern Horn", "31"), ("Gannet Rock", "47")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, height
    return saved(made.save)


def workbook() -> bytes:
    made = Workbook()
    made.worksheets[0].title = "Notes"
    made.worksheets[0]["A1"] = "Fees are in crowns."
    sheet = made.create_sheet("Mooring fees")
    for row in (("Berth", "Winter fee", "Summer fee"), ("Osprey berth", 310, 555), ("Heron berth", 290, 480)):
        sheet.append(row)
    return saved(made.save)


def mail() -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "Night watch", "ida@brook.example", "crew@brook.example"
    made.set_content("Hello,\n\nthe night watch of the lock begins at 21:45 from Monday on.\n\nIda\n")
    made.add_attachment(b"The spare lock key hangs in cupboard 19.\n", "text", "plain", filename="keys.txt")
    return bytes(made)


def page() -> bytes:
    return (
        b"<html><head><title>Ferry</title></head><body><nav>Home Shop</nav><main><h1>Ferry</h1>"
        b"<p>The ferry to Skerry island leaves from pier 8.</p></main></body></html>"
    )


def saved(save: Callable[[BytesIO], object]) -> bytes:
    into = BytesIO()
    save(into)
    return into.getvalue()


ASKED = [
    ("tugs.pdf", pdf, "How many tonnes does the tug Alder tow?", "4,200 tonnes", 2),
    ("beacons.docx", word, "What is the height of the beacon Gannet Rock?", "47", None),
    ("fees.xlsx", workbook, "What is the summer fee of the Osprey berth?", "555", 2),
    ("watch.eml", mail, "When does the night watch of the lock begin?", "21:45", None),
    ("watch.eml/keys.txt", mail, "In which cupboard hangs the spare lock key?", "cupboard 19", None),
]


async def cited(asker: Identity, question: str, words: str) -> Citation:
    """The citation that shows the words, which stand in the document just where it says."""
    state = await ask(question, asker)
    assert words in state["answer"]
    found: Citation = next(each for each in state["citations"] if words in each["quote"])
    source = await documents.read(asker, found["document_id"], found["version"])
    assert source["text"][found["start"] : found["end"]] == found["quote"]
    return found


@pytest.mark.parametrize(("path", "make", "question", "words", "number"), ASKED)
async def test_a_file_is_cited_at_its_place(
    pool: object, tmp_path: Path, path: str, make: Make, question: str, words: str, number: int | None
) -> None:
    asker = somebody()
    (tmp_path / path.partition("/")[0]).write_bytes(make())
    assert (await ingest(asker, paths=[str(tmp_path)]))["failed"] == 0
    citation = await cited(asker, question, words)
    assert (citation["document"], citation["page"]) == (path, number)


async def test_a_web_page_is_cited_in_the_version_that_was_read(
    pool: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "fetch_allow", ["127.0.0.1/32"])
    asker = somebody()
    async with site() as there:
        there.pages["/ferry"] = answers(page(), Content_Type="text/html")
        await add(asker, "urls", f"{there.url}/ferry")
        assert counts(await sync(asker)) == {"added": 1}
        first = await cited(asker, "From which pier does the ferry to Skerry island leave?", "pier 8")
        there.pages["/ferry"] = answers(page().replace(b"pier 8", b"pier 11"), Content_Type="text/html")
        assert counts(await sync(asker)) == {"updated": 1}
    later = await cited(asker, "From which pier does the ferry to Skerry island leave?", "pier 11")
    assert (first["version"], later["version"]) == (1, 2)
    old = await documents.read(asker, first["document_id"], first["version"])
    assert old["text"][first["start"] : first["end"]] == first["quote"]
