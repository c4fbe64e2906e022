import io
from collections.abc import Callable
from typing import Any

from tools.parse.document import Document
from tools.parse.slides import parse_slides


def shown(document: Document) -> list[str]:
    return [
        f"{part.kind}{part.level or ''} {part.page}: {document.text[part.start : part.end]}"
        for part in document.elements
    ]


def slides(*fills: tuple[int, Callable[[Any], None]]) -> bytes:
    """A slide show: for each slide the number of its layout and what fills it."""
    from pptx import Presentation

    show = Presentation()
    show.core_properties.title = ""
    show.core_properties.author = "Harbour office"
    for layout, fill in fills:
        fill(show.slides.add_slide(show.slide_layouts[layout]))
    target = io.BytesIO()
    show.save(target)
    return target.getvalue()


def text_box(shapes: Any, left: float, top: float, text: str) -> None:
    from pptx.util import Inches

    shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1)).text_frame.text = text


def test_titles_lists_and_notes() -> None:
    def first(slide: Any) -> None:
        slide.shapes.title.text = "Keeping the light"
        slide.placeholders[1].text = "A talk"

    def second(slide: Any) -> None:
        slide.shapes.title.text = "Duties"
        slide.placeholders[1].text = "Trim the wick\nWind the clock"
        slide.placeholders[1].text_frame.paragraphs[1].level = 1
        slide.notes_slide.notes_text_frame.text = "Show the old lamp."

    document = parse_slides("talk.pptx", slides((0, first), (1, second)))
    assert (document.title, document.pages, document.metadata) == (
        "Keeping the light",
        2,
        {"author": "Harbour office"},
    )
    assert shown(document) == [
        "heading1 1: Keeping the light",
        "paragraph 1: A talk",
        "heading2 2: Duties",
        "list 2: - Trim the wick\n  - Wind the clock",
        "paragraph 2: Show the old lamp.",
    ]


def test_text_boxes_in_reading_order_and_groups() -> None:
    def fill(slide: Any) -> None:
        text_box(slide.shapes, 5, 1.2, "upper right")
        text_box(slide.shapes, 1, 4, "below")
        text_box(slide.shapes, 1, 1, "upper left")
        group = slide.shapes.add_group_shape()
        text_box(group.shapes, 1, 6, "grouped")

    assert shown(parse_slides("a.pptx", slides((6, fill)))) == [
        "heading2 1: Slide 1",
        "paragraph 1: upper left",
        "paragraph 1: upper right",
        "paragraph 1: below",
        "paragraph 1: grouped",
    ]


def test_tables_with_merged_cells() -> None:
    def fill(slide: Any) -> None:
        from pptx.util import Inches

        table = slide.shapes.add_table(3, 3, 0, 0, Inches(3), Inches(3)).table
        for at, text in enumerate(["Boat", "2024", "", "", "Plan", "Real", "Ann", "4", "5"]):
            table.cell(at // 3, at % 3).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(0, 0).merge(table.cell(1, 0))

    assert (
        shown(parse_slides("a.pptx", slides((6, fill))))[1]
        == "table 1: Boat | 2024 Plan | 2024 Real\nAnn | 4 | 5"
    )


def test_charts_are_tables() -> None:
    def fill(slide: Any) -> None:
        import pptx.chart.data
        from pptx.enum.chart import XL_CHART_TYPE
        from pptx.util import Inches

        charts: Any = pptx.chart.data
        data = charts.CategoryChartData()
        data.categories = ["West", "East"]
        data.add_series("Boats", (4, 5.5))
        frame = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(3), Inches(3), data)
        bars = frame.chart.plots[0]._element
        bars.tag = bars.tag.replace("barChart", "bar3DChart")  # which the library reads no values of
        frame.chart.has_title = True
        frame.chart.chart_title.text_frame.text = "Boats by pier"

    assert shown(parse_slides("a.pptx", slides((6, fill))))[1:] == [
        "caption 1: Boats by pier",
        "table 1: | Boats\nWest | 4\nEast | 5.5",
    ]


def test_pictures_by_what_they_are_said_to_show() -> None:
    def fill(slide: Any) -> None:
        from PIL import Image

        picture = io.BytesIO()
        Image.new("RGB", (2, 2)).save(picture, "PNG")
        for description in ("A lamp room at night", "photo_12.png"):
            shape = slide.shapes.add_picture(picture, 0, 0)
            shape.element.nvPicPr.cNvPr.set("descr", description)

    assert shown(parse_slides("a.pptx", slides((6, fill))))[1:] == ["image 1: A lamp room at night"]


def test_footers_are_left_out() -> None:
    def fill(slide: Any) -> None:
        import copy

        for place in slide.slide_layout.placeholders:
            if place.placeholder_format.idx in (10, 11, 12):
                slide.shapes._spTree.append(copy.deepcopy(place.element))
        for shape in slide.placeholders:
            shape.text_frame.text = "page 7 of 9"
        text_box(slide.shapes, 1, 1, "kept")

    assert shown(parse_slides("a.pptx", slides((6, fill)))) == ["heading2 1: Slide 1", "paragraph 1: kept"]


def test_shapes_written_for_newer_programs() -> None:
    def fill(slide: Any) -> None:
        from lxml import etree

        text_box(slide.shapes, 1, 1, "kept")
        tree = slide.shapes._spTree
        mark = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
        newer = etree.SubElement(tree, f"{mark}AlternateContent")
        etree.SubElement(newer, f"{mark}Choice").append(tree[-2])

    assert shown(parse_slides("a.pptx", slides((6, fill))))[1] == "paragraph 1: kept"


def test_a_show_without_text_has_no_elements() -> None:
    assert parse_slides("a.pptx", slides((6, lambda _: None))).elements == ()
