"""Placeholders come back as values in a stream, in whatever pieces."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.guarding import policy_of
from tools.guard.check import About
from tools.guard.conversation import Shown
from tools.guard.hiding import Span, hidden, merged, without
from tools.guard.pii.found import TYPES, Found
from tools.guard.pii.redact import LONGEST, Redaction
from tools.guard.pii.restoring import Restorer

ALL = frozenset(TYPES)


def redaction() -> Redaction:
    made = Redaction()
    for value in ('Ann "Q" Miller', "Bob"):
        made.redact(value, [Found(0, len(value), "PERSON", 1.0, "test")])
    return made


@given(
    st.lists(
        st.sampled_from(["[PERSON_1]", "[PERSON_2]", "[PERSON_9]", "[", "PER", "SON_1]", "[X", "]", "a b"])
    ),
    st.integers(1, 12),
)
def test_the_pieces_change_nothing(parts: list[str], size: int) -> None:
    text, kept = "".join(parts), redaction()
    restorer = Restorer(kept, ALL)
    pieces = [restorer.feed(text[start : start + size]) for start in range(0, len(text), size)]
    out = "".join([*pieces, restorer.close()])
    assert out == kept.restore(text)
    assert all(out[start:end] == "[PERSON_9]" for start, end in restorer.unknown)
    assert len(restorer.unknown) == text.count("[PERSON_9]")


def test_no_more_is_held_back_than_a_placeholder_has() -> None:
    restorer = Restorer(redaction(), ALL)
    out = ""
    for number, sign in enumerate("[[A" + "A" * 100 + "[PERSON_" + "1" * 60, 1):
        out += restorer.feed(sign)
        assert number - len(out) <= LONGEST


def test_values_are_written_as_json_has_them() -> None:
    restorer = Restorer(redaction(), ALL, in_json=True)
    assert json.loads(restorer.close('{"to": "[PERSON_1]"}')) == {"to": 'Ann "Q" Miller'}


SPANS = st.builds(
    lambda start, size, kind, restores: Span(start, start + size, "r", kind, restores),
    st.integers(0, 30),
    st.integers(0, 9),
    st.sampled_from([None, "EMAIL", "PERSON"]),
    st.booleans(),
)


@given(st.lists(SPANS, max_size=8))
def test_merged_spans_hide_all_that_any_of_them_hides(spans: list[Span]) -> None:
    found = merged(spans)
    covered = {at for one in spans for at in range(one.start, one.end)}
    assert {at for one in found for at in range(one.start, one.end)} == covered
    assert all(one.end <= other.start for one, other in pairwise(found))
    for one in found:
        within = [each for each in spans if max(each.start, one.start) < min(each.end, one.end)]
        assert (one.kind is None) == any(each.kind is None for each in within)


def test_what_is_gone_for_good_leaves_a_note() -> None:
    spans = [Span(0, 3, "EMAIL", "EMAIL", True), Span(4, 7, "github token")]
    assert without("abc def", spans, Redaction()) == "[EMAIL_1] [github token withheld]"


async def test_a_text_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.guard.checks import checks, personal_data

    looked: list[str] = []

    async def find(text: str, options: personal_data.Options, about: About) -> list[object]:
        looked.append(text)
        return []

    check = checks()["personal_data"]
    rule = {"check": "personal_data", "on": ["input", "passage"], "action": "redact"}
    policy = policy_of(rule, name="once")
    monkeypatch.setitem(checks(), "personal_data", type(check)(check.name, check.directions, find, "c", "s."))  # type: ignore[arg-type]
    for _ in range(3):
        await hidden(policy, "input", "the same text", About(), is_local=False)
    await hidden(policy, "passage", "the same text", About(), is_local=False)
    assert len(looked) == 2


async def test_hostile_messages_are_taken_as_they_are() -> None:
    rule = {"check": "personal_data", "on": ["input"], "action": "redact"}
    shown = Shown(policy_of(rule), About())
    deep = "[" * 900 + "]" * 900
    messages = [
        "no object",
        {"role": "user"},
        {"role": "user", "content": 7},
        {"role": "user", "content": [None, {"type": "text"}, {"text": 3}]},
        {"role": "assistant", "tool_calls": [None, {}, {"function": {"arguments": deep}}, {"function": {}}]},
        {"role": None, "content": "nobody"},
    ]
    assert await shown.messages(messages, is_local=False) is None
