import io
import zipfile

import pytest

from state.errors import KairosError
from tools.parse.document import Document
from tools.parse.odf import parse_odp, parse_odt

_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in {
        "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
        "svg": "svg-compatible", "presentation": "presentation",
    }.items()
)  # fmt: skip
_STYLES = """<style:style style:name="P1" style:parent-style-name="Caption"/>
<style:style style:name="P2" style:parent-style-name="Title"/>
<text:list-style style:name="L1">
<text:list-level-style-number text:level="1" style:num-format="1"/></text:list-style>"""


def shown(document: Document) -> list[str]:
    return [
        f"{part.kind}{part.level or ''}: {document.text[part.start : part.end]}" for part in document.elements
    ]


def package(body: str, meta: str = "", manifest: str = "") -> bytes:
    content = (
        f"<office:document-content {_NAMES}><office:automatic-styles>{_STYLES}</office:automatic-styles>"
    )
    about = f'<office:document-meta {_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/">{meta}</office:document-meta>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("meta.xml", about)
        archive.writestr(
            "content.xml", f"{content}<office:body>{body}</office:body></office:document-content>"
        )
    return target.getvalue()


def odt(body: str) -> list[str]:
    return shown(parse_odt("a.odt", package(f"<office:text>{body}</office:text>")))


def row(*cells: str) -> str:
    return (
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        + "</table:table-row>"
    )


def test_headings_paragraphs_and_captions() -> None:
    assert odt(
        '<text:p text:style-name="P2">The harbour</text:p><text:h text:outline-level="2">Rules</text:h>'
        '<text:p>Watch<text:tab/>six<text:s text:c="2"/>hours.</text:p>'
        '<text:p text:style-name="P1">Table 1: Tides</text:p>'
    ) == [
        "heading1: The harbour",
        "heading2: Rules",
        "paragraph: Watch six hours.",
        "caption: Table 1: Tides",
    ]


def test_lists_with_numbers_and_levels() -> None:
    inner = "<text:list><text:list-item><text:p>wind the clock</text:p></text:list-item></text:list>"
    assert odt(
        f'<text:list text:style-name="L1"><text:list-item><text:p>light the lamp</text:p>{inner}</text:list-item>'
        "<text:list-item><text:p>write the log</text:p></text:list-item></text:list>"
    ) == ["list: 1. light the lamp\n  - wind the clock\n2. write the log"]


def test_tables_with_header_rows_and_merged_cells() -> None:
    head = '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>Boat</text:p></table:table-cell>'
    head += '<table:table-cell table:number-columns-spanned="2"><text:p>2024</text:p></table:table-cell>'
    head += "<table:covered-table-cell/></table:table-row><table:table-row><table:covered-table-cell/>"
    head += "<table:table-cell><text:p>Plan</text:p></table:table-cell>"
    head += "<table:table-cell><text:p>Real</text:p></table:table-cell>"
    head = f"<table:table-header-rows>{head}</table:table-row></table:table-header-rows>"
    assert odt(f"<table:table>{head}{row('Ann', 'four', 'five')}</table:table>") == [
        "table: Boat | 2024 Plan | 2024 Real\nAnn | four | five"
    ]


def test_a_table_in_a_table_stands_apart() -> None:
    inner = f"</text:p><table:table>{row('Day', 'Tide')}{row('Mon', 'high')}</table:table><text:p>"
    assert odt(f"<table:table>{row('Pier', 'Tides')}{row('West', 'see ' + inner)}</table:table>") == [
        "table: Pier | Tides\nWest | see",
        "table: Day | Tide\nMon | high",
    ]


def test_a_table_of_one_column_is_a_box() -> None:
    assert odt(f"<table:table>{row('Mind the rope.')}{row('Keep calm.')}</table:table>") == [
        "paragraph: Mind the rope.",
        "paragraph: Keep calm.",
    ]


def test_notes_boxes_and_pictures_follow_their_paragraph() -> None:
    box = "<draw:frame><draw:text-box><text:p>Boxed.</text:p></draw:text-box></draw:frame>"
    picture = "<draw:frame><draw:image/><svg:desc>A lamp</svg:desc></draw:frame>"
    note = (
        "<text:note-citation>1</text:note-citation><text:note-body><text:p>At dusk.</text:p></text:note-body>"
    )
    assert odt(f"<text:p>Light<text:note>{note}</text:note> it.{box}{picture}</text:p>") == [
        "paragraph: Light it.",
        "paragraph: At dusk.",
        "paragraph: Boxed.",
        "image: A lamp",
    ]


def test_tracked_deletions_and_comments_are_left_out() -> None:
    gone = "<text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region>"
    gone = f"<text:tracked-changes>{gone}</text:tracked-changes>"
    comment = "<office:annotation><text:p>why?</text:p></office:annotation>"
    assert odt(f"{gone}<text:p>Kept{comment}.</text:p>") == ["paragraph: Kept."]


def test_slides() -> None:
    page = (
        '<draw:page><draw:frame presentation:class="title">'
        "<draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
        "<draw:custom-shape><text:p>{}</text:p></draw:custom-shape>"
        '<presentation:notes><draw:frame presentation:class="notes"><draw:text-box><text:p>{}</text:p></draw:text-box>'
        "</draw:frame></presentation:notes></draw:page>"
    )
    body = page.format("The light", "It turns.", "Pause.") + page.format("", "No title here.", "")
    meta = "<office:meta><dc:title>Talk</dc:title><dc:creator>Ann</dc:creator></office:meta>"
    document = parse_odp("a.odp", package(f"<office:presentation>{body}</office:presentation>", meta))
    assert (document.title, document.pages, document.metadata) == ("Talk", 2, {"author": "Ann"})
    assert shown(document) == [
        "heading1: The light",
        "paragraph: It turns.",
        "paragraph: Pause.",
        "heading2: Slide 2",
        "paragraph: No title here.",
    ]
    assert [part.page for part in document.elements] == [1, 1, 1, 2, 2]


def test_a_password() -> None:
    with pytest.raises(KairosError) as failure:
        parse_odt("a.odt", package("", manifest="<manifest:encryption-data/>"))
    assert failure.value.code == "file_encrypted"
