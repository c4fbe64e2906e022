"""Texts are vetted while they are written: the same in all pieces, and nothing that violates leaves."""

import asyncio
import re
import time
from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from tools.guard.begun import begun
from tools.guard.check import About, Check, Hit
from tools.guard.checks import checks
from tools.guard.cut import LIMIT, LONGEST_WORD, MARGIN
from tools.guard.policy.rules import Policy
from tools.guard.stream import StreamGuard

KEY = "ghp_" + "a1B2c3D4" * 4 + "e5F6"
CARD = "4111 1111 1111 1111"


class Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str


async def find(text: str, options: Words, about: About) -> list[Hit]:
    return [Hit("words", *match.span()) for match in re.finditer(options.pattern, text)]


def made(name: str, whole: bool = False, reach: int = 0) -> Check:
    return Check(name, frozenset({"output"}), find, name, "That may not be said.", Words, whole, reach)


@pytest.fixture(autouse=True, scope="module")
def words() -> object:
    there = checks()
    there |= {"words": made("words"), "whole_words": made("whole_words", whole=True)}
    there["far_words"] = made("far_words", reach=60)
    yield
    del there["words"], there["whole_words"], there["far_words"]


def policy(*rules: Mapping[str, object]) -> Policy:
    return Policy.model_validate({"name": "p", "rules": [{"on": ["output"], **rule} for rule in rules]})


def says(pattern: str, action: str, **more: object) -> dict[str, object]:
    return {"check": "words", "action": action, "options": {"pattern": pattern}, **more}


def whole_says(pattern: str, action: str) -> dict[str, object]:
    return {"check": "whole_words", "action": action, "options": {"pattern": pattern}}


async def vetted(
    policy: Policy, pieces: list[str], about: About | None = None
) -> tuple[str, StreamGuard, list[str]]:
    guard = StreamGuard(policy, about or About())
    found = [await guard.feed(piece) for piece in pieces]
    found.append(await guard.close())
    return "".join(found), guard, found


def cut(text: str, places: list[int]) -> list[str]:
    marks = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(marks)]


SECRETS: dict[str, object] = {"check": "secrets", "action": "redact"}
PIECES = st.sampled_from(
    [
        "The notice is four weeks. ",
        "Dr. Smith agreed! ",
        "- one\n",
        "bad word ",
        "bad.\n\nword ",
        "no stop here " * 9,
        "ba",
        "d ",
        "word",
        "[a. link](http://x.y/z) ",
        "[never closed ",
        "好。",
        "<b>",
        "<",
        "x" * 150,
        "\n",
        " ",
        KEY + " ",
        "…",
    ]
)
OTHERS = st.lists(PIECES.filter(lambda piece: KEY not in piece) | st.text(max_size=30), max_size=25).map(
    "".join
)
TEXTS = st.lists(PIECES | st.text(max_size=30), max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 5000), max_size=40), st.sampled_from(["redact", "refuse", "flag"]))
def test_the_pieces_that_a_text_comes_in_change_nothing(text: str, places: list[int], action: str) -> None:
    held = policy(SECRETS, says(r"bad\s{1,3}word|\.\s+word", action))

    async def both() -> None:
        one, whole, _ = await vetted(held, [text])
        other, pieces, _ = await vetted(held, cut(text, places))
        assert one == other
        timeless = [[{**verdict, "ms": 0} for verdict in guard.verdicts] for guard in (whole, pieces)]
        assert timeless[0] == timeless[1]
        assert (whole.refusal is None) == (pieces.refusal is None)

    asyncio.run(both())


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(1, 7))
def test_what_breaks_no_rule_comes_out_as_it_was(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    out, guard, _ = asyncio.run(vetted(policy(says("\x00never", "redact")), pieces))
    assert out == text
    assert not guard.has_changed
    assert guard.verdicts == []


@settings(max_examples=300, deadline=None)
@given(
    OTHERS,
    st.sampled_from([KEY, "forbidden phrase"]),
    OTHERS,
    st.integers(1, 9),
    st.sampled_from(["redact", "refuse"]),
)
def test_no_character_of_a_violation_leaves(
    before: str, what: str, after: str, size: int, action: str
) -> None:
    text = f"{before} {what} {after}"
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    rules = {**SECRETS, "action": action}, says("forbidden phrase", action)
    out, guard, _ = asyncio.run(vetted(policy(*rules), pieces))
    assert what not in out
    assert what[:-2] not in out
    assert what[2:] not in out
    assert guard.verdicts


async def test_a_refused_sentence_stops_it_and_the_ones_before_stay() -> None:
    text = "One is fine. Two is fine. Three has a bad word in it. Four never comes."
    out, guard, _ = await vetted(policy(says("bad word", "refuse")), list(text))
    assert out == "One is fine. Two is fine. "
    assert guard.refusal is not None
    assert text[guard.refusal["start"] : guard.refusal["end"]] != ""
    assert text[guard.verdicts[0]["start"] : guard.verdicts[0]["end"]] == "bad word"


async def test_text_leaves_at_most_one_sentence_late() -> None:
    guard = StreamGuard(policy(SECRETS), About())
    sentences = ["The notice is four weeks. ", "It is given in writing. ", "Managers give three months. "]
    assert await guard.feed(sentences[0]) == ""
    assert await guard.feed(sentences[1]) == sentences[0]
    assert await guard.feed(sentences[2]) == sentences[1]
    assert await guard.close() == sentences[2]


async def test_a_text_without_full_stops_flows() -> None:
    guard = StreamGuard(policy(SECRETS), About())
    text, out = "so it goes on and on " * 100, ""
    for number, sign in enumerate(text, 1):
        out += await guard.feed(sign)
        assert number - len(out) <= LIMIT + MARGIN
    assert out + await guard.close() == text
    endless = StreamGuard(policy(SECRETS), About())
    out = ""
    for number in range(0, 10_000, 50):
        out += await endless.feed("x" * 50)
        assert number - len(out) <= LONGEST_WORD + MARGIN


async def test_the_rest_of_a_violation_that_began_in_a_released_sentence_is_withheld() -> None:
    out, guard, _ = await vetted(
        policy(says(r"first\. Second part", "redact")), list("The first. Second part ends.")
    )
    assert out == "The first. [words withheld] ends."
    assert [(one["start"], one["end"]) for one in guard.verdicts] == [(4, 22)]


async def test_a_long_private_key_is_one_note() -> None:
    lines = "\n".join("MIIEow" + "A1b2C3d4" * 7 for _ in range(120))
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"
    out, guard, _ = await vetted(policy(SECRETS), list(f"This is it:\n\n{key}\n\nKeep it safe. Good bye."))
    assert out == "This is it:\n\n[private key withheld]\n\nKeep it safe. Good bye."
    assert len(guard.verdicts) == 1


async def test_what_stands_across_a_forced_cut_is_seen_before() -> None:
    for length in range(LIMIT - 30, LIMIT + 5):
        text = ("so " * 200)[:length] + f" {CARD} and so on " + "so " * 60
        rule = {"check": "personal_data", "action": "redact", "options": {"types": ["CARD"]}}
        out, _, _ = await vetted(policy(rule), list(text))
        assert "1111" not in out
        assert out.count("withheld") == 1


async def test_a_check_of_the_whole_text_runs_before_the_last_sentences() -> None:
    text = "Alpha is first. Then comes more. And omega."
    out, guard, _ = await vetted(policy(whole_says(r"(?s)Alpha.*omega", "refuse")), list(text))
    assert "omega" not in out
    assert guard.refusal is not None
    whole = StreamGuard(policy(whole_says(r"(?s)Alpha.*omega", "refuse")), About())
    assert await whole.close(text) == ""  # nothing was released: all of it is withheld
    redacted = StreamGuard(policy(whole_says("omega", "redact")), About())
    assert await redacted.close(text) == "Alpha is first. Then comes more. And [words withheld]."


async def test_a_whole_text_without_a_find_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    async def looking(text: str, options: Words, about: About) -> list[Hit]:
        looked.append(text)
        return await find(text, options, about)

    check = Check("words", frozenset({"output"}), looking, "words", "No.", Words)
    monkeypatch.setitem(checks(), "words", check)
    text = "One is fine. Two is fine. Three is fine as well."
    assert await StreamGuard(policy(says("bad", "refuse")), About()).close(text) == text
    assert looked == [text]
    assert (
        await StreamGuard(policy(says("Three", "refuse")), About()).close(text)
        == "One is fine. Two is fine. "
    )


async def test_flags_and_dry_runs_change_nothing() -> None:
    text = "There is a bad word here. And one more."
    for rule in (says("bad word", "flag"), says("bad word", "refuse", dry_run=True)):
        out, guard, _ = await vetted(policy(rule), list(text))
        assert out == text
        assert len(guard.verdicts) == 1
        assert guard.refusal is None


async def test_a_check_that_fails_stops_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(text: str, options: Words, about: About) -> list[Hit]:
        raise ValueError(text)

    monkeypatch.setitem(
        checks(), "words", Check("words", frozenset({"output"}), failing, "words", "No.", Words)
    )
    out, guard, _ = await vetted(policy(says("x", "flag")), ["Anything. ", "At all."])
    assert out == ""
    assert guard.refusal is not None
    assert guard.refusal["code"] == "check_failed"


@pytest.mark.parametrize("sign", ["[", "<a", ". ", "\n", "a. ", "。", "](", " ", "x"])
@pytest.mark.slow
async def test_a_long_hostile_text_takes_linear_time(sign: str) -> None:
    text = (sign * 100_000)[:100_000]
    started = time.perf_counter()
    out, _, _ = await vetted(policy(says("never said", "redact")), [text])
    assert out == text
    assert time.perf_counter() - started < 30


def far(pattern: str, action: str) -> dict[str, object]:
    return {"check": "far_words", "action": action, "options": {"pattern": pattern}}


CANARY = About(canary="7kq-vx2m")


@pytest.mark.parametrize("action", ["redact", "refuse"])
@pytest.mark.parametrize(
    ("spelled", "shown"),
    [("7KQ. Vx2m", ""), ("7\nK\nQ\nV\nX\n2\nM", "7"), ("M2xv. Qk7", ""), ("7xd. Ik2z", "")],
)
async def test_a_canary_over_several_sentences_is_held_back(action: str, spelled: str, shown: str) -> None:
    text = f"It begins so here. And the word is {spelled}\nThat was it, and it goes on for a while. End."
    rule = far(re.escape(spelled), action)
    out, guard, _ = await vetted(policy(rule), list(text), CANARY)
    left = out.partition("And the word is ")[2]
    if action == "redact":
        assert (
            left.split() == f"{shown} [words withheld] That was it, and it goes on for a while. End.".split()
        )
    else:
        assert left.strip() == (shown if left else "")
    assert guard.verdicts[0]["end"] - guard.verdicts[0]["start"] == len(spelled)
    other, _, _ = await vetted(policy(rule), [text], CANARY)
    assert other == out
    assert ("End." in out) == (action == "redact")


async def test_with_a_canary_text_leaves_no_later() -> None:
    guard = StreamGuard(policy(far("never", "refuse")), CANARY)
    sentences = ["The notice is four weeks. ", "It is given in writing. ", "Managers give three months. "]
    assert await guard.feed(sentences[0]) == ""
    assert await guard.feed(sentences[1]) == sentences[0]
    assert await guard.feed(sentences[2]) == sentences[1]


@given(st.text(max_size=40), st.integers(0, 8), st.sampled_from(["7kqvx2m9", "9m2xvqk7", "7xdik2z9"]))
def test_the_beginning_of_a_canary_is_seen_to_its_first_letter(before: str, size: int, form: str) -> None:
    beginning = ". ".join(form[:size])
    found = begun(before + beginning, "7KQ-VX2M-9", 60)
    assert found <= 60
    if size >= 2:
        assert found >= len(beginning)
    if not any(sign.isalnum() for sign in before + beginning):
        assert found == 0


@settings(max_examples=100, deadline=None)
@given(OTHERS, st.lists(st.integers(0, 5000), max_size=40), st.sampled_from(["redact", "refuse"]))
def test_what_is_held_back_longer_is_the_same_in_all_pieces(
    text: str, places: list[int], action: str
) -> None:
    held = policy(far(r"bad\s{1,3}word|\.\s+word", action), says("one", "redact"))

    async def both() -> None:
        one, guard, _ = await vetted(held, [text], CANARY)
        other, _, _ = await vetted(held, cut(text, places), CANARY)
        assert one == other
        assert ("bad word" in one) <= (
            guard.refusal is not None and "bad word" in text[: guard.refusal["start"]]
        )

    asyncio.run(both())
