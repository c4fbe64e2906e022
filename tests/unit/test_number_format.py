import pytest

from tools.parse.workbook.number_format import shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.125, "0.0%", "12.5%"),
        (-0.05, "0%", "-5%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-5, "#,##0_);[Red](#,##0)", "(5)"),
        (1200, '"$"#,##0', "$1,200"),
        (1200, "[$€-407]#,##0.00", "€1,200.00"),
        (1200, '#,##0 "EUR"', "1,200 EUR"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (1234567, '0.0,,"M"', "1.2M"),
        (5, "00000", "00005"),
        (1.5, "0.##", "1.5"),
        (2, "0.##", "2"),
        (12, '0 "days"', "12 days"),
        (2.5, "# ?/?", "2.5"),
        (1234.0, "General", "1234"),
        (0.1 + 0.2, "General", "0.3"),
        (1e20, "0.00", "1e+20"),
        (7, '0;"', "7"),
        (3, "", "3"),
    ],
)
def test_numbers_as_cells_show_them(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (45292, "d/m/yyyy", "2024-01-01"),
        (45292, "[$-409]d\\-mmm\\-yy;@", "2024-01-01"),
        (45292, "mmm yyyy", "Jan 2024"),
        (45292, "yyyy", "2024"),
        (45292.395833, "d/m/yy h:mm", "2024-01-01 09:30"),
        (0.395833, "h:mm AM/PM", "09:30"),
        (1.25, "[h]:mm", "30:00"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (61, "yyyy-mm-dd", "1900-03-01"),
        (-1, "yyyy-mm-dd", "-1"),
        (1e9, "yyyy-mm-dd", "1000000000"),
    ],
)
def test_dates_as_iso_and_no_more_of_them_than_cells_show(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_the_calendar_of_1904() -> None:
    assert shown(0, "yyyy-mm-dd", from_1904=True) == "1904-01-01"
