"""Words and phrases of a policy: safe globs, found as words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from tools.guard.phrases import Phrase, denied, found


class Holder(BaseModel):
    """Something with a phrase."""

    phrase: Phrase


def first(phrase: str, text: str) -> str | None:
    span = next(found((Holder(phrase=phrase).phrase,), text), None)
    return None if span is None else text[span[0] : span[1]]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("guaranteed returns", "We offer Guaranteed  Returns today.", "Guaranteed  Returns"),
        ("guaranteed returns", "guaranteed-returns", "guaranteed-returns"),
        ("guaranteed returns", 'guaranteed "returns"', 'guaranteed "returns'),
        ("guaranteed returns", "guaranteed\nreturns", "guaranteed\nreturns"),
        ("guaranteed returns", "unguaranteed returnship", None),
        ("guaranteed returns", "It is guaranteed. Returns are free.", None),
        ("guaranteed * returns", "guaranteed high yearly returns", "guaranteed high yearly returns"),
        ("guaranteed * returns", "guaranteed returns", "guaranteed returns"),
        ("guaranteed * returns", "guaranteed a b c d returns", None),
        ("invest*", "Investments are safe", "Investments"),
        ("*invest*", "reinvesting", "reinvesting"),
        ("colo?r", "the color", None),
        ("colo?r", "the colour", "colour"),
        ("a.b(c)+", "a b c", "a b c"),
        ("can't lose", "You CAN'T lose", "CAN'T lose"),
        ("risk-free", "it is risk free", "risk free"),
        ("赌博", "我想赌博赢钱", "赌博"),
        ("казино", "Лучшее КАЗИНО города", "КАЗИНО"),
        ("straße", "Die Straße", "Straße"),
    ],
)
def test_a_phrase_is_found_as_words(phrase: str, text: str, expected: str | None) -> None:
    assert first(phrase, text) == expected


@pytest.mark.parametrize("phrase", ["", "   ", "*", "* b", "a *", "?", "a*", "*a*b*c*", "x" * 201, "—"])
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValidationError):
        Holder(phrase=phrase)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There are no guaranteed returns", True),
        ("We can't offer guaranteed returns", True),
        ("We don\u2019t speak of guaranteed returns", True),
        ("Es gibt keine guaranteed returns", True),
        ("Not only guaranteed returns", False),
        ("No worries: guaranteed returns", False),
        ("There is no risk, but guaranteed returns", False),
        ("Nothing is lost. We offer guaranteed returns", False),
        ("We promise guaranteed returns", False),
        ("Norway has guaranteed returns", False),
    ],
)
def test_what_is_denied_in_the_same_clause(text: str, expected: bool) -> None:
    assert denied(text, text.index("guaranteed")) is expected


@given(st.text(alphabet="ab*? .-", min_size=1, max_size=30), st.text(alphabet="ab .-\n", max_size=200))
def test_any_phrase_that_is_taken_finds_within_the_text(phrase: str, text: str) -> None:
    try:
        taken = Holder(phrase=phrase).phrase
    except ValidationError:
        return
    assert all(0 <= start < end <= len(text) for start, end in found((taken,), text))


@pytest.mark.parametrize("unit", ["a", "a ", "ab-", "guaranteed ", "guaranteed a b c ", "invest", "xin"])
def test_hostile_texts_take_linear_time(unit: str) -> None:
    phrases = ("guaranteed * * returns", "*invest*ed", "invest* * * money", "*in*")
    text = unit * (1_000_000 // len(unit))
    started = time.perf_counter()
    list(found(phrases, text))
    assert time.perf_counter() - started < 30
