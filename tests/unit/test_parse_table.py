from tools.parse.table import table_blocks


def shown(
    *rows: str, spans: dict[tuple[int, int], tuple[int, int]] | None = None, header: int | None = None
) -> list[str]:
    """`kind: text` of each block of a table written with commas."""
    blocks = table_blocks([row.split(",") for row in rows], spans, header=header)
    return [f"{block.kind}: {block.text}" for block in blocks]


def test_header_rows_become_one_line() -> None:
    rows = "Region,2023,,2024,", ",Budget,Actual,Budget,Actual", "North,4,5,6,7"
    line = "table: Region | 2023 Budget | 2023 Actual | 2024 Budget | 2024 Actual\nNorth | 4 | 5 | 6 | 7"
    merged = {(0, 0): (2, 1), (0, 1): (1, 2), (0, 3): (1, 2)}
    assert shown(*rows, spans=merged) == [line]
    assert shown(*rows) == [line]
    assert shown("Kind,Weight", ",kg", "Rope,4", "Chain,9") == [
        "table: Kind | Weight kg\nRope | 4\nChain | 9"
    ]


def test_rows_of_content_are_no_header() -> None:
    assert shown("Name,Mail", "Ann,ann@sea.org", "Bob,bob@sea.org") == [
        "table: Name | Mail\nAnn | ann@sea.org\nBob | bob@sea.org"
    ]
    assert shown("2021,4", "2022,5") == ["table: 2021 | 4\n2022 | 5"]
    assert shown("Part,Colour", "Hull,red", "Mast,white")[0].startswith("table: Part | Colour\nHull")


def test_header_rows_that_the_file_declares() -> None:
    assert shown("Port,Tide", "name,word", "Aber,high", header=2) == [
        "table: Port name | Tide word\nAber | high"
    ]


def test_title_and_notes_stand_apart() -> None:
    assert shown("Tides at the pier,", ",", "Day,Height", "Mon,4.1", "Note: in metres,") == [
        "caption: Tides at the pier",
        "table: Day | Height\nMon | 4.1",
        "paragraph: Note: in metres",
    ]
    sections = shown("Item,Price,Stock", "Ropes,,", "Hemp,4,9", spans={(1, 0): (1, 3)})
    assert sections == ["table: Item | Price | Stock\nRopes\nHemp | 4 | 9"]


def test_merged_cells_are_repeated_and_blank_columns_dropped() -> None:
    assert shown("Pier,,Boat,Length", "West,,Ann,9", ",,Bob,7", spans={(1, 0): (2, 2)}) == [
        "table: Pier | Boat | Length\nWest | Ann | 9\nWest | Bob | 7"
    ]


def test_cells_stay_on_their_line() -> None:
    blocks = table_blocks([["Sign", "Meaning"], ["a | b", "either\nof two"], ["long"]])
    assert blocks[0].text.split("\n") == ["Sign | Meaning", "a ¦ b | either of two", "long"]


def test_tables_without_text() -> None:
    assert table_blocks([]) == []
    assert table_blocks([[""], ["", ""]]) == []
    assert shown("Alone") == ["table: Alone"]


def test_merged_cells_out_of_all_proportion_are_not_repeated() -> None:
    rows = [["Title", "b"], ["c", "d"]]
    huge = {(0, 0): (2**20, 2**14), (1, 1): (2**20, 2**14), (9, 9): (2, 2)}
    assert table_blocks(rows, huge)[-1].text.endswith("c | d")
    long = table_blocks([["A", "B"], ["x" * 500, "1"], ["", "2"]], {(1, 0): (2, 1)})[0].text
    assert long.count("x") == 500
