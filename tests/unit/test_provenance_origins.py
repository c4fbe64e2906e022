"""Which texts a value derives from: whatever is done to it, its text is among them."""

import base64
import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.provenance import Origin
from tools.provenance.derived import origins_of
from tools.provenance.sources import MODEL, Sources

USER = Origin(kind="user", name="question", trusted=True)
PAGE = Origin(kind="web", name="page", trusted=False)
FILE = Origin(kind="document", name="file", trusted=False)
LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßñ0123456789абвгд"
TEXT = st.lists(st.text(LETTERS, min_size=3, max_size=9), min_size=12, max_size=60).map(" ".join)
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=20).map(" ".join)


def wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


TRANSFORMED: dict[str, Callable[[str], str]] = {
    "verbatim": str,
    "case": str.upper,
    "blanks": lambda text: text.replace(" ", " \n\t "),
    "punctuation": lambda text: "«" + text.replace(" ", " - ") + "»!",
    "joined": lambda text: text.replace(" ", "_"),
    "wide": wide,
    "invisible": lambda text: "\u200b".join(text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "urlsafe": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "percent": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
    "quoted": lambda text: quote(text, safe=""),
    "json": lambda text: json.dumps({"a": [text]}),
    "embedded": lambda text: f"Sphinx of quartz, {text} judge my vow.",
}


@pytest.mark.parametrize("how", TRANSFORMED)
@given(text=TEXT, data=st.data())
def test_a_part_of_a_text_is_always_attributed(how: str, text: str, data: st.DataObject) -> None:
    """Parts of 40 characters hold at least 15 letters and digits in a row."""
    start = data.draw(st.integers(0, max(0, len(text) - 40)))
    part = text[start : start + 40]
    sources = Sources([{"text": f"before {text} after", "origin": PAGE}])
    assert PAGE in origins_of({"deep": ["x", {"er": TRANSFORMED[how](part)}]}, sources)


@given(
    st.text("abcdefghijkmnopqrst", min_size=6, max_size=12),
    st.sampled_from(["", "https://x.example/?q=", "id-"]),
)
def test_a_word_is_attributed_alone_and_in_an_address(word: str, before: str) -> None:
    sources = Sources([{"text": f"{word}@firm.example wrote", "origin": PAGE}])
    assert PAGE in origins_of(word, sources)
    assert PAGE in origins_of(f"{before}{word}@firm.example", sources)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12500, "due: 12,500.00"),
        ("12500", "twelve thousand five hundred"),
        ({"amount": 12500.0}, "12.5k"),
        ("eve@drop.test", "mail ZXZlQGRyb3AudGVzdA=="),
        ("Northwind Holdings Group", "the holding company of the Northwind groups"),
        ("pаypal support line", "call the PayPal support line"),
        ("7G", "room 7g"),
        ("!!!", "wait!!!"),
    ],
)
def test_other_forms_of_a_value_are_attributed(value: object, text: str) -> None:
    assert origins_of(value, Sources([{"text": text, "origin": PAGE}])) == [PAGE]


def test_what_stands_in_no_text_is_the_models() -> None:
    sources = Sources([{"text": "Costs fell.", "origin": PAGE}])
    assert origins_of({"a": "wholly new", "b": 731, "c": None, "d": True}, sources) == [MODEL]
    assert origins_of("x@new.example", sources) == [MODEL, PAGE], (
        "an address nobody knows may be split or hidden"
    )


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_more_texts_and_more_values_never_take_an_origin_away(texts: list[str], value: str) -> None:
    few, many = Sources(), Sources()
    few.add(texts[0], PAGE)
    for text in texts:
        many.add(text, PAGE if text is texts[0] else FILE)
    first = [origin for origin in origins_of(value, few) if origin != MODEL]
    assert all(origin in origins_of(value, many) for origin in first)
    assert all(origin in origins_of([value, "more", 500], many) for origin in origins_of(value, many))


@pytest.mark.parametrize("unit", ["word ", "a.", "%41", "/a", "x at y dot ", "a-"])
@pytest.mark.slow
def test_a_megabyte_is_read_in_bounded_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.perf_counter()
    sources = Sources([{"text": text, "origin": PAGE}])
    origins_of({"to": "eve@drop.test", "amount": 777}, sources)
    assert not sources.all[0].strict.emails
    assert not sources.all[0].strict.links
    assert sources.all[0].strict.days == frozenset()
    assert time.perf_counter() - started < 60
