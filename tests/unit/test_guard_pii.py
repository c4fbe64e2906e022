"""Personal data is found where it stands, whatever the disguise, and nowhere else."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.guard.pii import checksums
from tools.guard.pii.detect import detector
from tools.guard.pii.found import Found, resolved


def found(text: str) -> list[tuple[str, str]]:
    return [(one.type, text[one.start : one.end]) for one in detector().find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to jo.smith+x@mail.example.co.uk, please.", ("EMAIL", "jo.smith+x@mail.example.co.uk")),
        ("see https://example.org/a?b=c.", ("URL", "https://example.org/a?b=c")),
        ("server 10.0.0.1 is down", ("IP", "10.0.0.1")),
        ("server 2001:db8::8a2e:370:7334 is down", ("IP", "2001:db8::8a2e:370:7334")),
        ("charge 4111 1111 1111 1111 now", ("CARD", "4111 1111 1111 1111")),
        ("IBAN DE89 3704 0044 0532 0130 00 please", ("IBAN", "DE89 3704 0044 0532 0130 00")),
        ("SSN 536-22-1234", ("SSN", "536-22-1234")),
        ("CPF 529.982.247-25", ("NATIONAL_ID", "529.982.247-25")),
        ("DNI 12345678Z", ("NATIONAL_ID", "12345678Z")),
        ("Aadhaar 2341 2341 2346", ("NATIONAL_ID", "2341 2341 2346")),
        ("codice RSSMRA85T10A562S qui", ("NATIONAL_ID", "RSSMRA85T10A562S")),
        ("PESEL 44051401359", ("NATIONAL_ID", "44051401359")),
        ("BSN: 111222333", ("NATIONAL_ID", "111222333")),
        ("NHS number 943 476 5919", ("NATIONAL_ID", "943 476 5919")),
        ("NI number AB 12 34 56 C", ("NATIONAL_ID", "AB 12 34 56 C")),
        ("passport no. C01X00T47 or passport 123456789", ("PASSPORT", "123456789")),
        ("born on 12/31/1999", ("DATE", "12/31/1999")),
        ("born on March 3rd, 1975", ("DATE", "March 3rd, 1975")),
        ("a 45-year-old", ("AGE", "45")),
        ("call +49 (0)30 901820", ("PHONE", "+49 (0)30 901820")),
        ("call (212) 555-0134 x12", ("PHONE", "(212) 555-0134 x12")),
        ("My name is Amelia Thornbury.", ("PERSON", "Amelia Thornbury")),
        ("Please ask Mr. Okonkwo.", ("TITLE", "Mr.")),
        ("Dear Ms. Huang, hello", ("PERSON", "Huang")),
        ("We met Dr. van der Berg.", ("TITLE", "Dr.")),
        ("to London NW1 6XE", ("ADDRESS", "NW1 6XE")),
        ("We live in Portugal.", ("LOCATION", "Portugal")),
        ("A Danish author", ("NATIONALITY", "Danish")),
        ("ｊｏ＠ｅｘａｍｐｌｅ.com", ("EMAIL", "ｊｏ＠ｅｘａｍｐｌｅ.com")),
        ("charge 4111\u200b1111\u200b1111\u200b1111 now", ("CARD", "4111\u200b1111\u200b1111\u200b1111")),
        ("card ٤١١١١١١١١١١١١١١١", ("CARD", "٤١١١١١١١١١١١١١١١")),
        ("card ４１１１１１１１１１１１１１１１", ("CARD", "４１１１１１１１１１１１１１１１")),
    ],
)
def test_it_is_found(text: str, expected: tuple[str, str]) -> None:
    assert expected in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "sum 4111-1111-1111-1112-9",
        "version 1.2.3.4.5",
        "How long does a transfer usually take?",
        "What are the fees for a withdrawal abroad?",
        "Order 66712 has 3 items.",
        "",
        "   \n",
        "\ud7ff\u0301",
    ],
)
def test_what_is_not_personal_is_left(text: str) -> None:
    assert found(text) == []


@example("ଡ଼Â")  # two letters are read as four, and two finds meet in one of them
@given(st.text(max_size=400))
def test_spans_are_in_order_and_inside(text: str) -> None:
    at = 0
    for one in detector().find(text):
        assert at <= one.start < one.end <= len(text)
        at = one.end


@given(st.text(alphabet="ab1 -@.:/+()\n\u200bА", max_size=300))
def test_odd_texts_do_no_harm(text: str) -> None:
    assert all(text[one.start : one.end] for one in detector().find(text))


@given(st.text(alphabet="GBDExyz0123456789 -./İıſ٣²K", max_size=120))
def test_odd_numbers_do_no_harm(text: str) -> None:
    assert all(text[one.start : one.end] for one in detector().find(text))


@given(
    st.lists(
        st.sampled_from(
            "GB82 WEST 1234 5698 7654 32 XX99 RSSMRA85T10A562S 12345678Z 4111 1111 + ( ) x".split()
        ),
        max_size=30,
    )
)
def test_numbers_in_a_row_do_no_harm(parts: list[str]) -> None:
    for gap in ("", " ", "-"):
        text = gap.join(parts)
        assert all(text[one.start : one.end] for one in detector().find(text))


@pytest.mark.parametrize("gap", ["\n", " ", ", "])
def test_long_texts_are_read_to_the_end(gap: str) -> None:
    text = gap.join(["lorem ipsum dolor"] * 8_000) + " mail a@example.com"
    assert found(text)[-1] == ("EMAIL", "a@example.com")


@pytest.mark.parametrize(
    "unit", ["1 ", "a@", "12-", "+1", "(1)", "GB12 ", "1.1.1.1 ", "://", "a.", "0x", "Mr. ", "::"]
)
def test_hostile_repeats_end(unit: str) -> None:
    detector().find(unit * (100_000 // len(unit)))


def test_a_cut_between_windows_is_not_felt() -> None:
    words = "nothing to see here " * 2_000
    whole = words + "My name is Amelia Thornbury. " + words
    start = whole.index("Amelia")
    assert [(one.start, one.type) for one in detector().find(whole)] == [(start, "PERSON")]


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 20), st.floats(0, 1), st.sampled_from(["tagger", "x"]))
    )
)
def test_what_is_kept_does_not_overlap(given_: list[tuple[int, int, float, str]]) -> None:
    every = [Found(start, start + size, "PERSON", score, rule) for start, size, score, rule in given_]
    kept = resolved(every)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert bool(kept) == bool(every)


@given(st.text("0123456789", min_size=11, max_size=18))
def test_a_changed_digit_is_noticed(digits: str) -> None:
    check = next(str(digit) for digit in range(10) if checksums.luhn(digits + str(digit)))
    right = digits + check
    for at in range(len(right)):
        other = right[:at] + str((int(right[at]) + 1) % 10) + right[at + 1 :]
        assert not checksums.luhn(other)
    assert checksums.luhn(right)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checksums.steuer_id, "86095742719", "86095742718"),
        (checksums.nir, "255081416802538", "255081416802539"),
        (checksums.mod97, "GB82WEST12345698765432", "GB82WEST12345698765433"),
        (checksums.verhoeff, "2363", "2364"),
        (checksums.ssn, "078051120", "000051120"),
    ],
)
def test_check_digits(check: object, right: str, wrong: str) -> None:
    assert callable(check)
    assert check(right)
    assert not check(wrong)
