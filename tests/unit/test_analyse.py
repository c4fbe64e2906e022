"""The analyser: the same terms for a question and for the text that answers it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tools.analyse import STOP_WORDS, stem, term_counts, terms


def test_case_marks_and_endings_do_not_matter() -> None:
    assert terms("Holidays, HOLIDAY; holiday's?")[:2] == ["holiday", "holiday"]
    assert terms("Travelling travels travelled") == ["travel"] * 3
    assert terms("(form L-7)") == ["form", "l", "7"]
    assert terms("") == terms("... !?") == []


def test_stop_words_are_dropped_whatever_their_case() -> None:
    assert terms("What is the notice period for it?") == ["notic", "period"]
    assert terms(" ".join(STOP_WORDS)) == []
    assert terms("THE The the") == []


def test_other_scripts_are_terms_too() -> None:
    assert terms("Überstunden año 東京") == ["überstunden", "año", "東京"]


def test_repeats_are_counted() -> None:
    assert term_counts("Leave, leaves and days: leave!") == Counter({"leav": 3, "day": 1})


def test_stems_are_those_of_snowball_english() -> None:
    # From the sample vocabulary of the Porter2 stemmer, snowballstem.org.
    words = {"consistency": "consist", "knightly": "knight", "generously": "generous", "skis": "ski"}
    assert {word: stem(word) for word in words} == words


@given(st.text(max_size=200))
def test_terms_are_lower_case_words_in_order(text: str) -> None:
    found = terms(text)
    assert term_counts(text) == Counter(found)
    assert all(term and not term.isspace() for term in found)
    assert terms(text + " ") == found
