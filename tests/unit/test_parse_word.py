import io
import zipfile
from collections.abc import Callable
from typing import Any

from tools.parse.document import Document
from tools.parse.word import parse_word

_NAMES = " ".join(
    f'xmlns:{name}="{path}"'
    for name, path in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)


def shown(data: bytes) -> list[str]:
    document: Document = parse_word("a.docx", data)
    return [
        f"{part.kind}{part.level or ''}: {document.text[part.start : part.end]}" for part in document.elements
    ]


def word(fill: Callable[[Any], None]) -> bytes:
    import docx

    document = docx.Document()
    fill(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def body(xml: str) -> bytes:
    """A file whose body is `xml`."""

    def fill(document: Any) -> None:
        from docx.oxml import parse_xml

        for number, node in enumerate(parse_xml(f"<w:body {_NAMES}>{xml}</w:body>")):
            document.element.body.insert(number, node)

    return word(fill)


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"


def test_captions_code_and_contents() -> None:
    def fill(document: Any) -> None:
        document.styles.add_style("Source Code", 1)
        document.styles.add_style("TOC 1", 1)
        document.add_paragraph("Rules 7", "TOC 1")
        document.add_heading("Rules", 2)
        document.add_paragraph("Table 1: Watches", "Caption")
        document.add_paragraph("light()", "Source Code")
        document.add_paragraph("  wind()", "Source Code")

    assert shown(word(fill)) == ["heading2: Rules", "caption: Table 1: Watches", "code: light()\n  wind()"]


def test_header_rows_of_a_table_become_one() -> None:
    def fill(document: Any) -> None:
        table = document.add_table(3, 3)
        for at, text in enumerate(["Boat", "2024", "", "", "Plan", "Real", "Ann", "four", "five"]):
            table.cell(at // 3, at % 3).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(0, 0).merge(table.cell(1, 0))

    assert shown(word(fill)) == ["table: Boat | 2024 Plan | 2024 Real\nAnn | four | five"]


def test_header_rows_that_the_file_declares() -> None:
    head = "<w:trPr><w:tblHeader/></w:trPr>"
    rows = [
        head + cell("Port") + cell("Tide"),
        head + cell("name") + cell("word"),
        cell("Aber") + cell("high"),
    ]
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    assert shown(body(f"<w:tbl>{table}</w:tbl>")) == ["table: Port name | Tide word\nAber | high"]


def test_rows_that_begin_late_and_rows_that_were_deleted() -> None:
    rows = [cell("Pier") + cell("Boat"), "<w:trPr><w:gridBefore w:val='1'/></w:trPr>" + cell("Ann")]
    rows.append("<w:trPr><w:del w:id='1' w:author='x'/></w:trPr>" + cell("gone") + cell("gone"))
    rows.append(cell("West", "<w:vMerge w:val='restart'/>") + cell("Bob"))
    rows.append(cell("", "<w:vMerge/>") + cell("Cid"))
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    assert shown(body(f"<w:tbl>{table}</w:tbl>")) == ["table: Pier | Boat\n| Ann\nWest | Bob\nWest | Cid"]


def test_a_table_in_a_table_stands_apart() -> None:
    def fill(document: Any) -> None:
        table = document.add_table(2, 2)
        for at, text in enumerate(["Pier", "Tides", "West", "see"]):
            table.cell(at // 2, at % 2).text = text
        inner = table.cell(1, 1).add_table(2, 2)
        for at, text in enumerate(["Day", "Tide", "Mon", "high"]):
            inner.cell(at // 2, at % 2).text = text

    assert shown(word(fill)) == ["table: Pier | Tides\nWest | see", "table: Day | Tide\nMon | high"]


def test_a_table_that_lays_out_the_page_gives_what_is_in_it() -> None:
    def fill(document: Any) -> None:
        row = document.add_table(1, 2).rows[0]
        for place, name in zip(row.cells, ("Day", "Night"), strict=True):
            place.paragraphs[0].text = name
            place.paragraphs[0].style = document.styles["Heading 3"]
            place.add_paragraph(f"Rules of the {name.lower()}.")

    assert shown(word(fill)) == [
        "heading3: Day",
        "paragraph: Rules of the day.",
        "heading3: Night",
        "paragraph: Rules of the night.",
    ]


def test_tracked_changes_and_hidden_text() -> None:
    xml = (
        f"<w:p>{run('Kept')}<w:ins w:id='1' w:author='x'>{run(' added')}</w:ins>"
        "<w:del w:id='2' w:author='x'><w:r><w:delText> gone</w:delText></w:r></w:del>"
        f"<w:moveFrom w:id='3' w:author='x'>{run(' moved')}</w:moveFrom>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t> hidden</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t> shown</w:t></w:r></w:p>"
    )
    assert shown(body(xml)) == ["paragraph: Kept added shown"]


def test_content_controls_without_their_prompts() -> None:
    xml = f"<w:sdt><w:sdtContent><w:p>{run('Filled in')}</w:p></w:sdtContent></w:sdt><w:p>{run('Name: ')}<w:sdt>"
    xml += (
        f"<w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('Click here')}</w:sdtContent></w:sdt></w:p>"
    )
    assert shown(body(xml)) == ["paragraph: Filled in", "paragraph: Name:"]


def test_text_boxes_and_pictures_follow_their_paragraph() -> None:
    box = f"<w:txbxContent><w:p>{run('Boxed.')}</w:p></w:txbxContent>"
    xml = (
        f"<w:p>{run('Before')}<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx>"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:drawing><wp:inline>"
        "<wp:docPr id='1' name='Picture 1' descr='A lamp at night'/>"
        "<pic:pic><pic:nvPicPr><pic:cNvPr id='1' name='x' descr='lamp.png'/></pic:nvPicPr></pic:pic></wp:inline>"
        f"</w:drawing></w:r><w:r><w:pict><v:shape alt='An old boat'/></w:pict></w:r>{run(' after.')}</w:p>"
    )
    assert shown(body(xml)) == [
        "paragraph: Before after.",
        "paragraph: Boxed.",
        "image: A lamp at night",
        "image: An old boat",
    ]


def test_footnotes_follow_their_paragraph_and_comments_are_left_out() -> None:
    def fill(document: Any) -> None:
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part
        from docx.oxml import parse_xml

        note = f"<w:footnotes {_NAMES}><w:footnote w:type='separator' w:id='-1'><w:p/></w:footnote>"
        note += f"<w:footnote w:id='2'><w:p>{run('At dusk.')}</w:p></w:footnote></w:footnotes>"
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
        part = Part(PackURI("/word/footnotes.xml"), "application/xml", note.encode(), document.part.package)
        document.part.relate_to(part, kind)
        first = document.add_paragraph("Light it.")
        document.add_comment(first.runs, "Why?")
        first._p.append(parse_xml(f"<w:r {_NAMES}><w:footnoteReference w:id='2'/></w:r>"))
        document.add_paragraph("Then watch.")

    assert shown(word(fill)) == ["paragraph: Light it.", "paragraph: At dusk.", "paragraph: Then watch."]


def test_headings_have_the_numbers_that_word_gives_them() -> None:
    def fill(document: Any) -> None:
        from docx.oxml import parse_xml

        numbering = document.part.numbering_part.element
        levels = "".join(
            f"<w:lvl w:ilvl='{at}'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='{text}'/></w:lvl>"
            for at, text in enumerate(["%1.", "%1.%2"])
        )
        numbering.insert(
            0, parse_xml(f"<w:abstractNum {_NAMES} w:abstractNumId='90'>{levels}</w:abstractNum>")
        )
        numbering.append(parse_xml(f"<w:num {_NAMES} w:numId='90'><w:abstractNumId w:val='90'/></w:num>"))
        for text, level in (("Scope", 1), ("Duties", 1), ("Day", 2), ("Night", 2)):
            properties = document.add_heading(text, level)._p.get_or_add_pPr()
            place = f"<w:ilvl w:val='{level - 1}'/><w:numId w:val='90'/>"
            properties.append(parse_xml(f"<w:numPr {_NAMES}>{place}</w:numPr>"))

    assert shown(word(fill)) == [
        "heading1: 1. Scope",
        "heading1: 2. Duties",
        "heading2: 2.1 Day",
        "heading2: 2.2 Night",
    ]


def test_formulas_on_one_line() -> None:
    squared = "<m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    assert shown(body(f"<w:p>{run('A = ')}<m:oMath>{squared}</m:oMath></w:p>")) == ["paragraph: A = r^2"]


def test_strict_open_xml() -> None:
    strict = io.BytesIO()
    ordinary = word(lambda document: document.add_heading("Rules", 1))
    with zipfile.ZipFile(io.BytesIO(ordinary)) as old, zipfile.ZipFile(strict, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            for kind in (b"wordprocessingml", b"officeDocument"):
                content = content.replace(
                    b"http://schemas.openxmlformats.org/" + kind + b"/2006/",
                    b"http://purl.oclc.org/ooxml/" + kind + b"/",
                )
            new.writestr(part, content)
    assert shown(strict.getvalue()) == ["heading1: Rules"]
