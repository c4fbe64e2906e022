from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import TableBordersLayout

from tools.parse.pdf import parse_pdf

ROWS = [
    ("Harbour", "Depth", "Keeper"),
    ("Northmouth", "12 m", "Ada Brook"),
    ("Eastcliff", "7 m", "Tom Reed"),
    ("Sandgate", "4 m", "Una Marsh"),
]
LINES = "\n".join(" | ".join(row) for row in ROWS)
PROSE = "The harbours of this coast are listed here with the depth at low water and the keeper on duty."


def tables(pdf: FPDF) -> list[tuple[int | None, str]]:
    document = parse_pdf("coast.pdf", bytes(pdf.output()))
    return [
        (element.page, document.text[element.start : element.end])
        for element in document.elements
        if element.kind == "table"
    ]


def paper() -> FPDF:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    return pdf


def columns(pdf: FPDF, rows: Sequence[tuple[str, ...]], y: float) -> None:
    for index, row in enumerate(rows):
        for x, cell in zip((20, 70, 110, 150), row, strict=False):
            pdf.text(x, y + 6 * index, cell)


def test_a_table_with_rules_between_its_cells() -> None:
    pdf = paper()
    pdf.multi_cell(0, text=PROSE)
    with pdf.table(width=120) as table:
        for row in ROWS:
            table.row(row)
    assert tables(pdf) == [(1, LINES)]


def test_a_table_with_level_rules_only() -> None:
    pdf = paper()
    pdf.multi_cell(0, text=PROSE)
    with pdf.table(width=120, borders_layout=TableBordersLayout.HORIZONTAL_LINES) as table:
        for row in ROWS:
            table.row(row)
    assert tables(pdf) == [(1, LINES)]


def test_a_table_without_rules() -> None:
    pdf = paper()
    pdf.text(20, 20, PROSE)
    columns(pdf, ROWS, 30)
    pdf.text(20, 70, PROSE)
    assert tables(pdf) == [(1, LINES)]


def test_a_cell_of_several_lines_stays_one_cell() -> None:
    pdf = paper()
    rows = [*ROWS[:2], ("Eastcliff", "7 m", "Tom Reed, and in the winter months his sister"), ROWS[3]]
    with pdf.table(width=120) as table:
        for row in rows:
            table.row(row)
    assert tables(pdf)[0][1].split("\n")[2] == " | ".join(rows[2])
    pdf = paper()
    columns(pdf, ROWS[:3], 30)
    pdf.text(110, 47, "and his sister")
    columns(pdf, [*ROWS[3:], ("Westpoint", "9 m", "Ida Stone")], 54)
    assert tables(pdf)[0][1].split("\n")[2] == "Eastcliff | 7 m | Tom Reed and his sister"


def test_a_header_of_two_rows_becomes_one_line() -> None:
    pdf = paper()
    with pdf.table(width=160, num_heading_rows=2) as table:
        head = table.row()
        head.cell("Harbour", rowspan=2)
        head.cell("Depth", colspan=2)
        second = table.row()
        second.cell("at low water")
        second.cell("at high water")
        table.row(("Northmouth", "12 m", "16 m"))
        table.row(("Eastcliff", "7 m", "12 m"))
    assert tables(pdf)[0][1] == (
        "Harbour | Depth at low water | Depth at high water\nNorthmouth | 12 m | 16 m\nEastcliff | 7 m | 12 m"
    )


def test_a_header_without_rules_may_have_several_rows() -> None:
    pdf = paper()
    columns(
        pdf,
        [
            ("", "Depth", "Depth"),
            ("", "at low water", "at high water"),
            *ROWS[1:3],
            ("Sandgate", "4 m", "8 m"),
        ],
        30,
    )
    assert tables(pdf)[0][1].split("\n")[0] == "| Depth at low water | Depth at high water"


def test_a_table_that_goes_on_over_the_page_has_its_header_once_on_each() -> None:
    for repeated in (True, False):
        pdf = paper()
        with pdf.table(width=120, repeat_headings=1 if repeated else 0) as table:
            table.row(ROWS[0])
            for number in range(60):
                table.row((f"Harbour {number}", f"{number} m", "Ada Brook"))
        (first, above), (second, below) = tables(pdf)
        assert (first, second) == (1, 2)
        assert above.startswith("Harbour | Depth | Keeper\nHarbour 0 | 0 m")
        assert below.startswith("Harbour | Depth | Keeper\nHarbour ")
        assert (above + below).count("Harbour | Depth | Keeper") == 2
        assert (above + below).count("Ada Brook") == 60


def test_text_in_columns_lists_and_frames_are_no_tables() -> None:
    pdf = paper()
    for index in range(6):
        pdf.text(20, 20 + 5 * index, "The keeper climbs the stair at dusk and")
        pdf.text(110, 20 + 5 * index, "trims each wick before the ships come in.")
    for index in range(5):
        pdf.text(20, 70 + 6 * index, f"{index + 1}.")
        pdf.text(32, 70 + 6 * index, "Light the lamp and write the log")
    pdf.rect(15, 110, 150, 30)
    pdf.set_xy(20, 115)
    pdf.multi_cell(120, text=PROSE)
    assert tables(pdf) == []


def test_an_upright_bar_in_a_cell_does_not_make_a_column() -> None:
    pdf = paper()
    with pdf.table(width=120) as table:
        for row in [*ROWS, ("West|point", "9 m", "Ida Stone")]:
            table.row(row)
    assert tables(pdf)[0][1].split("\n")[-1] == "West/point | 9 m | Ida Stone"
