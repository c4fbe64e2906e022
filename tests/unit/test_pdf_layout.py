from collections.abc import Iterator

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from tools.parse.document import Document
from tools.parse.pdf import parse_pdf

LEFT = [
    "Keepers of the northern light climb",
    "the stair at dusk and trim each wick",
    "before the first ships come in sight.",
    "They note the wind in a long register",
    "and ring the bell when fog rolls over.",
]
RIGHT = [
    "On the southern shore the boatmen tar",
    "their hulls in spring and mend the nets",
    "that winter storms have torn to pieces.",
    "Their children gather driftwood for the",
    "stove and count the seals on the sandbar.",
]


def read(pdf: FPDF) -> Document:
    return parse_pdf("shore.pdf", bytes(pdf.output()))


def parts(document: Document) -> Iterator[tuple[str, int, str]]:
    for element in document.elements:
        yield element.kind, element.level, document.text[element.start : element.end]


def write(pdf: FPDF, x: float, y: float, lines: list[str], size: float = 11, style: str = "") -> None:
    pdf.set_font("Helvetica", style, size)
    for index, line in enumerate(lines):
        pdf.text(x, y + index * size * 0.42, line)


def paper() -> FPDF:
    pdf = FPDF()
    pdf.add_page()
    return pdf


def test_columns_are_read_one_after_the_other_even_if_drawn_row_by_row() -> None:
    pdf = paper()
    write(pdf, 20, 20, ["Two shores and the people who live on them, a report for both"], 16, "B")
    for row, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        write(pdf, 20, 40 + 5 * row, [left])
        write(pdf, 110, 40 + 5 * row, [right])
    write(
        pdf,
        20,
        80,
        ["Both shores meet at the harbour office, where the two registers are kept side by side."],
    )
    assert [text for _, _, text in parts(read(pdf))] == [
        "Two shores and the people who live on them, a report for both",
        " ".join(LEFT),
        " ".join(RIGHT),
        "Both shores meet at the harbour office, where the two registers are kept side by side.",
    ]


def test_a_word_cut_at_a_line_end_is_whole_again_and_a_compound_keeps_its_hyphen() -> None:
    pdf = paper()
    write(pdf, 20, 20, ["The light-keeper writes the regis-", "ter by hand, as every light-", "keeper did."])
    assert read(pdf).text == "The light-keeper writes the register by hand, as every light-keeper did."


def test_what_comes_back_at_the_edge_of_pages_is_dropped() -> None:
    pdf = FPDF()
    for number, word in enumerate(("one", "two", "three", "four"), start=1):
        pdf.add_page()
        write(pdf, 20, 12, [f"Harbour office, volume {number}"], 9)
        write(pdf, 20, 60, [f"The keeper on page {word} watches ships."])
        write(pdf, 100, 285, [f"- {number} -"], 9)
    document = read(pdf)
    assert document.text.split("\n\n") == [
        f"The keeper on page {word} watches ships." for word in ("one", "two", "three", "four")
    ]
    assert [element.page for element in document.elements] == [1, 2, 3, 4]


def test_a_page_of_nothing_but_what_comes_back_keeps_it() -> None:
    pdf = FPDF()
    for _ in range(3):
        pdf.add_page()
        write(pdf, 20, 12, ["Left blank for notes"])
    assert read(pdf).text.count("Left blank for notes") == 3


def test_headings_have_levels_by_size_weight_and_outline() -> None:
    pdf = paper()
    pdf.set_font("Helvetica", size=11)
    pdf.start_section("Harbour rules")
    write(pdf, 20, 20, ["Harbour rules"], 22)
    write(pdf, 20, 40, ["Mooring"], 16)
    write(pdf, 20, 50, [*LEFT, "A boat is moored fore and aft."])
    write(pdf, 20, 90, ["Night watch"], 11, "B")
    write(pdf, 20, 100, RIGHT)
    pdf.set_y(125)
    pdf.start_section("Named by the outline", level=1)
    write(pdf, 20, 130, ["Named by the outline"])
    write(pdf, 20, 140, ["The lamp is lit at dusk."])
    found = [(level, text) for kind, level, text in parts(read(pdf)) if kind == "heading"]
    assert found == [(1, "Harbour rules"), (2, "Mooring"), (3, "Night watch"), (2, "Named by the outline")]


def test_lists_and_captions() -> None:
    pdf = paper()
    write(pdf, 20, 20, ["Bring these things on a watch in winter:"])
    write(pdf, 25, 28, ["- a lantern, filled to the mark and", "  trimmed", "- gloves"])
    write(pdf, 20, 60, ["Figure 3: The lantern seen from below"])
    write(pdf, 20, 75, ["Figure 3 shows the lantern as the keeper sees it."])
    assert [(kind, text) for kind, _, text in parts(read(pdf))] == [
        ("paragraph", "Bring these things on a watch in winter:"),
        ("list", "- a lantern, filled to the mark and trimmed\n- gloves"),
        ("caption", "Figure 3: The lantern seen from below"),
        ("paragraph", "Figure 3 shows the lantern as the keeper sees it."),
    ]


def test_turned_text_is_read_in_its_own_direction() -> None:
    pdf = paper()
    with pdf.rotation(90, 100, 150):
        write(pdf, 20, 100, LEFT)
    assert read(pdf).text == " ".join(LEFT)
    pdf = paper()
    write(pdf, 20, 20, LEFT)
    with pdf.rotation(90, 10, 150):
        write(pdf, 10, 150, ["Seen from the side"])
    assert read(pdf).text == " ".join(LEFT) + "\n\nSeen from the side"


def test_title_author_and_dates() -> None:
    pdf = paper()
    pdf.set_title("The lamp")
    pdf.set_author("Harbour office")
    pdf.set_font("Helvetica", size=11)
    pdf.cell(text="Oil and wicks.", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    document = read(pdf)
    assert (document.title, document.metadata["author"], document.pages) == ("The lamp", "Harbour office", 1)
    assert len(document.metadata["created"]) == len("2026-01-01T00:00:00")
