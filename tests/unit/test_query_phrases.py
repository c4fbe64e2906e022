"""What a question means letter by letter."""

import pytest

from tools.query.phrases import identifiers, numbers, phrases, quoted


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ('Where does it say "paid  leave"?', ["paid leave"]),
        (
            "Was heißt „bezahlter Urlaub“ und «congé payé» und “leave”?",
            ["bezahlter Urlaub", "congé payé", "leave"],
        ),
        ('An empty "" or "?!" or open " mark', []),
        ("It's Ann's and Bob's", []),
    ],
)
def test_text_between_double_quotation_marks(question: str, found: list[str]) -> None:
    assert quoted(question) == found


@pytest.mark.parametrize(
    "name", ["INV-2041", "v2.3.1", "10.4.2", "rate_limit", "/etc/hosts", "A4", "ERR-4012"]
)
def test_identifiers_are_kept_whole(name: str) -> None:
    assert identifiers(f"What is {name}?") == [name]
    assert identifiers(f"({name}), then") == [name]


@pytest.mark.parametrize(
    "text", ["and/or", "the 3rd of May", "30 days", "well-being", "12:30", "😀 :-)", "DROP TABLE x;"]
)
def test_what_is_no_identifier(text: str) -> None:
    assert identifiers(text) == []


def test_numbers_are_told_apart_and_do_not_narrow_the_search() -> None:
    assert numbers("From 12:30 for 3 days on 2024-01-02 by INV-7?") == ["12:30", "3", "2024-01-02"]
    assert phrases('30 days of "paid leave" by INV-7?') == ["paid leave", "INV-7"]


def test_a_pasted_page_takes_no_time() -> None:
    assert phrases('a"' * 100_000) == phrases("“" * 100_000) == []
