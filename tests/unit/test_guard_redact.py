"""Redaction takes values out and puts them back, and leaks none to who did not have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.guard.pii.found import TYPES, Found
from tools.guard.pii.redact import PLACEHOLDER, Redaction


def person(text: str, *names: str) -> list[Found]:
    return [Found(text.index(name), text.index(name) + len(name), "PERSON", 1, "test") for name in names]


def test_values_leave_and_come_back() -> None:
    kept = Redaction()
    text = "Ann wrote to Bob."
    hidden = kept.redact(text, person(text, "Ann", "Bob"))
    assert hidden == "[PERSON_1] wrote to [PERSON_2]."
    assert kept.restore(hidden) == text
    assert kept.restore("Dear [PERSON_2], [PERSON_2]!") == "Dear Bob, Bob!"


def test_the_same_value_has_the_same_placeholder_in_every_text() -> None:
    kept = Redaction()
    assert kept.redact("Ann", person("Ann", "Ann")) == kept.redact("Ann", person("Ann", "Ann"))
    assert kept.redact("Ann", [Found(0, 3, "ORGANIZATION", 1, "test")]) == "[ORGANIZATION_1]"


def test_a_forged_placeholder_brings_no_value() -> None:
    kept = Redaction()
    text = "[PERSON_1] and Ann"
    hidden = kept.redact(text, person(text, "Ann"))
    assert hidden == "[PERSON_1] and [PERSON_2]"
    assert kept.restore(hidden) == text


def test_a_placeholder_written_after_it_was_given_out_brings_no_value() -> None:
    kept = Redaction()
    kept.redact("Ann", person("Ann", "Ann"))
    assert kept.redact("What is [PERSON_1]?", []) == "What is [PERSON_1]?"
    assert kept.restore("It is [PERSON_1].") == "It is [PERSON_1]."
    assert kept.redact("Ann", person("Ann", "Ann")) == "[PERSON_2]"


def test_an_unknown_placeholder_stays_and_is_named() -> None:
    kept = Redaction()
    kept.redact("Ann", person("Ann", "Ann"))
    answer = "[PERSON_1], [PERSON_9], [PERSON_01], [ORDER_1], [IBAN_3]"
    assert kept.restore(answer) == "Ann, [PERSON_9], [PERSON_01], [ORDER_1], [IBAN_3]"
    assert kept.unknown(answer) == ["[PERSON_9]", "[PERSON_01]", "[IBAN_3]"]


def test_a_value_that_looks_like_a_placeholder_is_not_restored_twice() -> None:
    kept = Redaction()
    text = "Ann and [PERSON_1]"
    hidden = kept.redact(text, [*person(text, "Ann"), Found(8, 18, "EMAIL", 1, "test")])
    assert kept.restore(hidden) == text


def test_only_permitted_types_come_back() -> None:
    kept = Redaction()
    text = "Ann"
    assert kept.restore(kept.redact(text, person(text, "Ann")), types=("EMAIL",)) == "[PERSON_1]"


def test_values_do_not_show_in_a_trace() -> None:
    kept = Redaction()
    kept.redact("Ann", person("Ann", "Ann"))
    assert "Ann" not in repr(kept)


def test_spans_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Redaction().redact("abcdef", [Found(0, 3, "PERSON", 1, ""), Found(2, 4, "PERSON", 1, "")])


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Found]]:
    """Texts, some with placeholders of their own, and spans that do not overlap."""
    parts = draw(
        st.lists(
            st.tuples(
                st.text(max_size=8) | st.sampled_from(["[PERSON_1]", "[EMAIL_2]", "[PER", "]"]), st.booleans()
            ),
            max_size=8,
        )
    )
    text, spans = "", []
    for part, is_marked in parts:
        if is_marked and part:
            spans.append(Found(len(text), len(text) + len(part), draw(st.sampled_from(TYPES)), 1, "test"))
        text += part
    return text, spans


@given(st.lists(marked(), max_size=4))
def test_what_was_redacted_is_restored(texts: list[tuple[str, list[Found]]]) -> None:
    kept = Redaction()
    for text, _ in texts:
        kept.reserve(text)
    hidden = [kept.redact(text, spans) for text, spans in texts]
    assert [kept.restore(one) for one in hidden] == [text for text, _ in texts]


@given(marked())
def test_nothing_marked_is_left(case: tuple[str, list[Found]]) -> None:
    text, spans = case
    hidden = Redaction().redact(text, spans)
    outside = "".join(
        text[a.end : b.start]
        for a, b in zip(
            [Found(0, 0, "PERSON", 1, ""), *spans],
            [*spans, Found(len(text), len(text), "PERSON", 1, "")],
            strict=True,
        )
    )
    assert len(PLACEHOLDER.sub("", hidden)) <= len(outside)
