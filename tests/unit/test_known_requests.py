"""Sums and questions of dates, read by rules."""

from datetime import date
from typing import Any

import pytest

from tools.acting.known.days import date_request
from tools.acting.known.sums import sum_of
from tools.builtin.arithmetic import evaluate

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("What is 17 % of 340?", "57.8"),
        ("what's 12 plus 7 times 3", "33"),
        ("How much is 1.234,50 € plus 19 %?", "1469.055"),
        ("1,250.75 * 3", "3752.25"),
        ("The sum of 3, 4 and 5", "12"),
        ("average of 3, 4 and 8", "5"),
        ("Calculate the square root of 144", "12"),
        ("What is 2^10?", "1024"),
        ("twenty times three", "60"),
        ("add 19 % to 100", "119"),
        ("Subtract 4 from 10", "6"),
        ("What is -5 + 3?", "-2"),
        ("100 divided by 8", "12.5"),
        ("12*(3+4)", "84"),
        ("Find 20% of 50 please", "10"),
    ],
)
def test_a_sum_in_words_or_signs(said: str, value: str) -> None:
    expression = sum_of(said)
    assert expression is not None
    assert float(evaluate(expression)) == float(value)


@pytest.mark.parametrize(
    "said",
    ["What is the capital of France?", "What is 5?", "3 March 2026", "2026-11-21", "How many days are there?", "",
     "Book room 12 from 2 to 3", "the sum of all fears", "__import__('os')"],
)  # fmt: skip
def test_what_is_no_sum(said: str) -> None:
    assert sum_of(said) is None


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("How many days are there between 3 March 2026 and 1 May 2026?", {"operation": "difference", "start": "2026-03-03", "end": "2026-05-01"}),
        ("How many business days until Christmas?", {"operation": "difference", "start": "2026-11-21", "end": "2026-12-25"}),
        ("How many working days from 1 May to 5 June 2026", {"operation": "difference", "start": "2026-05-01", "end": "2026-06-05"}),
        ("What date is 30 days after 3 March 2026?", {"operation": "add", "start": "2026-03-03", "amounts": {"days": 30}}),
        ("What is the date in 3 weeks?", {"operation": "add", "start": "2026-11-21", "amounts": {"weeks": 3}}),
        ("When is 10 business days from 2026-03-03?", {"operation": "add_business_days", "start": "2026-03-03", "days": 10}),
        ("Which weekday is 24 December 2026?", {"operation": "add", "start": "2026-12-24", "amounts": {"days": 0}}),
        ("What time is it in New York?", {"operation": "now", "zone": "America/New_York"}),
        ("What is the date today?", {"operation": "now"}),
        ("Convert 2026-03-01T14:00 to Tokyo time", {"operation": "convert", "start": "2026-03-01T14:00", "to_zone": "Asia/Tokyo"}),
        ("3 pm Berlin time in Tokyo", {"operation": "convert", "start": "2026-11-21T15:00", "zone": "Europe/Berlin", "to_zone": "Asia/Tokyo"}),
    ],
)  # fmt: skip
def test_a_question_of_dates(said: str, arguments: dict[str, Any]) -> None:
    assert date_request(said, TODAY) == arguments


@pytest.mark.parametrize(
    "said",
    ["How many days of leave do I get?", "What time does the office open?", "How long is the probation period?",
     "What time is it in Nowhereville?", "The meeting is on 3 March 2026", ""],
)  # fmt: skip
def test_what_is_no_question_of_dates(said: str) -> None:
    assert date_request(said, TODAY) is None
