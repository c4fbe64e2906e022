import pytest

from tools.parse.delimited import delimiter_of, parse_csv, parse_tsv
from tools.parse.document import Document


def shown(document: Document) -> list[str]:
    return [f"{part.kind}: {document.text[part.start : part.end]}" for part in document.elements]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("boat,length\nAnn,9\nBob,7", ","),
        ("boat;length\nAnn;9,5\nBob;7,25", ";"),
        ("1,5;2,5\n3,5;4,5", ";"),
        ("boat\tport, pier\nAnn\tAber, west\nBob\tAber", "\t"),
        ("boat|port, pier\nAnn|Aber, west\nBob|Aber", "|"),
        ('boat,note\nAnn,"red; white; blue"\nBob,"a; b; c"', ","),
        ("boats\nAnn\nBob", ""),
        ("The tide rose.\nThe boats, all of them, left the pier, and then\nnothing", ""),
    ],
)
def test_the_delimiter_cuts_rows_alike(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter


def test_one_table_with_its_header() -> None:
    document = parse_csv("tide_table.csv", b'day,note\nMon,"high, then\nlow"\nTue,"the ""big"" one"\n')
    assert document.title == "Tide table"
    assert shown(document) == ['table: day | note\nMon | high, then low\nTue | the "big" one']


def test_ragged_rows_and_lines_above_the_table() -> None:
    document = parse_csv(
        "a.csv", b"Tides at the pier\n\nday,height,note\nMon,4.1\nTue,4.3,spring,extra\nWed,4,low\n"
    )
    assert shown(document) == [
        "caption: Tides at the pier",
        "table: day | height | note |\nMon | 4.1 | |\nTue | 4.3 | spring | extra\nWed | 4 | low |",
    ]


def test_encodings_and_the_delimiter_that_excel_names() -> None:
    assert parse_csv("a.csv", "sep=;\r\nPréau;5 €\r\nx;1".encode("cp1252")).text == "Préau | 5 €\nx | 1"
    assert parse_tsv("a.tsv", "Boot\tLänge\nAnn\t9".encode("utf-16")).text == "Boot | Länge\nAnn | 9"


def test_broken_quotes_still_give_all_rows() -> None:
    rows = "\n".join(f"{number},fine" for number in range(300))
    text = parse_csv("a.csv", f'id,note\n1,"never closed\n{rows}'.encode()).text
    assert text.startswith("id | note\n1 | never closed\n0 | fine\n1 | fine")
    assert text.count("\n") == 301
    assert parse_csv("a.csv", b"id,note\n1," + b"x" * 200_000).text.startswith("id | note\n1 | xxx")


def test_text_that_is_no_table_stays_text() -> None:
    prose = "The harbour wall was built of stone from the hill. " * 4
    assert shown(parse_csv("a.csv", f"{prose}\n\n{prose}".encode()))[0].startswith("paragraph: The harbour")
    assert shown(parse_csv("a.csv", b"boats\nAnn\nBob")) == ["table: boats\nAnn\nBob"]


def test_a_file_of_blanks_has_no_elements() -> None:
    assert parse_csv("a.csv", b",,\n,,\n").elements == ()
