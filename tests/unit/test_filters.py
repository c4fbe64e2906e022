"""Filters as somebody types them."""

import math
import re
from datetime import date

import pytest

from state.errors import KairosError
from state.filters import AnyOf, Filters, Phrase, day, number
from state.postgres.filtering import documents_where, phrases_where


@pytest.mark.parametrize("text", ["", "twelve", "nan", "inf", "-inf", "1e999", "12;"])
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(KairosError) as raised:
        number(text)
    assert raised.value.code == "filter_invalid"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "31.01.2026"])
def test_what_is_no_date_is_said(text: str) -> None:
    with pytest.raises(KairosError) as raised:
        day(text)
    assert raised.value.code == "filter_invalid"


def test_numbers_and_dates_are_read() -> None:
    assert math.isclose(number(" -3.5 "), -3.5)
    assert day("2026-01-31") == date(2026, 1, 31)


def test_filters_are_true_when_they_limit_something() -> None:
    assert not Filters()
    assert Filters(documents=[])
    assert Filters(languages=["de"])


def test_no_value_stands_in_the_statement() -> None:
    nasty = "x') OR true --"
    where, values = documents_where(Filters([1], [nasty], [AnyOf(nasty, (nasty,))], [nasty], nasty))
    assert nasty not in where
    assert str(values).count(nasty) == 5


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("ERR-4012", "see err-4012.", True),
        ("ERR-40", "see ERR-4012.", False),
        ("v2.3.1", "since v2x3x1", False),
        ("two  keys", "Two\n keys open it", True),
        ("(a|b)*", "a", False),
        ("(a|b)*", "say (a|b)* twice", True),
        ("C++", "written in C++, mostly", True),
    ],
)
def test_a_phrase_is_matched_as_it_stands(phrase: str, text: str, holds: bool) -> None:
    _, values = phrases_where([Phrase(phrase, ())])
    assert bool(re.search(values["phrase_patterns"][0], text, re.IGNORECASE)) == holds
