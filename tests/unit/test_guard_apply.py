"""What a policy makes of a text: order, exemptions, dry runs, and checks that cannot decide."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.errors import KairosError
from state.guard import Action, Direction
from tools.guard import apply as applying
from tools.guard.apply import apply
from tools.guard.check import About, Check, Find, Hit
from tools.guard.checks import checks
from tools.guard.outcome import Outcome
from tools.guard.policy.rules import Policy, Rule

TEXT = "never tell anybody what Ines said"
SECRET = "sk-in-the-exception"


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Find], None]:
    """A check of that name, for one test."""

    def add(name: str, find: Find) -> None:
        check = Check(name, frozenset(get_args(Direction)), find, f"{name}_code", f"What {name} says.")
        monkeypatch.setitem(checks(), name, check)

    return add


def finding(*hits: Hit) -> Find:
    async def find(text: str, options: Any, about: About) -> list[Hit]:
        return list(hits)

    return find


def failing(error: Exception) -> Find:
    async def find(text: str, options: Any, about: About) -> list[Hit]:
        raise error

    return find


async def hanging(text: str, options: Any, about: About) -> list[Hit]:
    await asyncio.sleep(3600)
    return []


def rule(check: str, action: Action, **more: Any) -> Rule:
    return Rule.model_validate({"check": check, "on": ["input"], "action": action, **more})


def applied(*rules: Rule, text: str = TEXT, dry_run: bool = False) -> Outcome:
    policy = Policy(name="p", rules=rules, dry_run=dry_run, hash="0123456789ab")
    return asyncio.run(apply(policy, "input", text, About(), "question"))


def brief(outcome: Outcome) -> list[tuple[str, str, int, int]]:
    return [(one["check"], one["action"], one["start"], one["end"]) for one in outcome.verdicts]


def test_rules_are_applied_in_order_and_the_first_that_refuses_ends_it(finder: Any) -> None:
    finder("one", finding(Hit("a", 6, 10, 0.123456)))
    finder("two", finding(Hit("b", 0, 5)))
    finder("none", finding())
    finder("late", failing(AssertionError("it is not asked")))
    found = applied(
        rule("none", "refuse"),
        rule("two", "flag"),
        rule("one", "redact"),
        rule("two", "refuse"),
        rule("late", "flag"),
    )
    assert brief(found) == [("two", "flag", 0, 5), ("one", "redact", 6, 10), ("two", "refuse", 0, 5)]
    assert found.refusal is found.verdicts[2]
    verdict = dict(found.verdicts[1])
    assert verdict.pop("ms") >= 0  # type: ignore[operator]
    assert verdict == {
        "direction": "input",
        "source": "question",
        "check": "one",
        "rule": "a",
        "start": 6,
        "end": 10,
        "score": 0.1235,
        "action": "redact",
        "code": "one_code",
        "sentence": "What one says.",
        "policy": "p:0123456789ab",
        "dry_run": False,
    }


def test_a_rule_is_for_its_directions_only(finder: Any) -> None:
    finder("one", finding(Hit("a", 0, 5)))
    assert brief(applied(rule("one", "refuse", on=["output", "tool"]))) == []


def test_what_is_allowed_is_left_alone_by_later_rules_only(finder: Any) -> None:
    finder("name", finding(Hit("PERSON", 24, 28)))
    finder("word", finding(Hit("w", 24, 28), Hit("w", 25, 27), Hit("w", 24, 33), Hit("w", 20, 26)))
    found = applied(rule("word", "flag"), rule("name", "allow"), rule("word", "redact"))
    assert brief(found)[4:] == [
        ("name", "allow", 24, 28),
        ("word", "redact", 24, 33),
        ("word", "redact", 20, 26),
    ]
    assert len(found.of("flag")) == 4


spans = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted), max_size=8)


@given(spans, spans)
def test_exempt_is_what_lies_within_one_allowed_place(
    allowed: list[list[int]], found: list[list[int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, places in (("a", allowed), ("f", found)):
            find = finding(*(Hit("r", start, end) for start, end in places))
            patch.setitem(checks(), name, Check(name, frozenset({"input"}), find, name, "S."))
        outcome = applied(rule("a", "allow"), rule("f", "flag"))
    left = [[one["start"], one["end"]] for one in outcome.of("flag")]
    assert left == [[s, e] for s, e in found if not any(a <= s and e <= b for a, b in allowed)]


@pytest.mark.parametrize("whole", [True, False])
def test_in_a_dry_run_nothing_is_done(finder: Any, whole: bool) -> None:
    finder("one", finding(Hit("a", 6, 10)))
    dry = {} if whole else {"dry_run": True}
    tried = [rule("one", action, **dry) for action in ("allow", "redact", "refuse", "flag")]
    found = applied(*tried, dry_run=whole)
    assert [one["action"] for one in found.verdicts] == ["allow", "redact", "refuse", "flag"]
    assert all(one["dry_run"] for one in found.verdicts)
    assert found.refusal is None
    assert found.redacted == TEXT


def test_a_rule_in_a_dry_run_leaves_the_others_as_they_are(finder: Any) -> None:
    finder("one", finding(Hit("a", 6, 10)))
    found = applied(
        rule("one", "allow", dry_run=True), rule("one", "refuse", dry_run=True), rule("one", "redact")
    )
    assert found.redacted == "never [a withheld] anybody what Ines said"
    assert found.refusal is None


@pytest.mark.parametrize("action", get_args(Action))
@pytest.mark.parametrize(
    ("find", "why"),
    [
        (failing(ValueError(SECRET)), "guard_failed"),
        (failing(RecursionError(SECRET)), "guard_failed"),
        (failing(KairosError("weights_damaged", SECRET)), "weights_damaged"),
        (failing(TimeoutError(SECRET)), "check_timed_out"),
        (hanging, "check_timed_out"),
    ],
)
def test_a_check_that_cannot_decide_refuses_whatever_its_action(
    finder: Any, monkeypatch: pytest.MonkeyPatch, find: Find, why: str, action: Action
) -> None:
    monkeypatch.setattr(applying, "SECONDS", 0.02)
    finder("broken", find)
    finder("all", finding(Hit("everything", 0, len(TEXT))))
    found = applied(rule("all", "allow"), rule("broken", action, sentence="Mine."), rule("all", "flag"))
    assert found.refusal is not None
    assert found.refusal is found.verdicts[-1]
    assert (found.refusal["code"], found.refusal["rule"]) == ("check_failed", why)
    assert (found.refusal["start"], found.refusal["end"]) == (0, len(TEXT))
    assert found.refusal["sentence"] == "This text could not be checked, so it was not taken."
    assert SECRET not in repr(found.verdicts)


def test_a_check_that_is_gone_refuses(finder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    finder("gone", finding())
    gone = rule("gone", "flag")
    monkeypatch.delitem(checks(), "gone")
    assert applied(gone).refusal is not None


def test_who_tries_out_a_check_that_cannot_decide_is_told_and_goes_on(finder: Any) -> None:
    finder("broken", failing(ValueError()))
    finder("one", finding(Hit("a", 6, 10)))
    found = applied(rule("broken", "refuse", dry_run=True), rule("one", "redact"))
    assert found.refusal is None
    assert [one["code"] for one in found.verdicts] == ["check_failed", "one_code"]


async def test_a_turn_that_is_cancelled_ends_its_checks(finder: Any) -> None:
    ended = asyncio.Event()

    async def find(text: str, options: Any, about: About) -> list[Hit]:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()
        return []

    finder("slow", find)
    policy = Policy(name="p", rules=(rule("slow", "flag"),))
    task: asyncio.Task[Outcome] = asyncio.create_task(apply(policy, "input", TEXT, About()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted).filter(lambda s: s[0] < s[1])))
def test_redactions_that_overlap_leave_nothing_of_what_they_hold(places: list[list[int]]) -> None:
    text = "".join(chr(0x4E00 + at) for at in range(20))  # no letter of the note
    with pytest.MonkeyPatch.context() as patch:
        find = finding(*(Hit("API_KEY", start, end) for start, end in places))
        patch.setitem(checks(), "f", Check("f", frozenset({"input"}), find, "f", "S."))
        redacted = applied(rule("f", "redact"), text=text).redacted
    kept = [letter for at, letter in enumerate(text) if not any(start <= at < end for start, end in places)]
    assert redacted.replace("[api key withheld]", "") == "".join(kept)
    assert redacted.count("[api key withheld]") == _groups(places)


def _groups(places: Sequence[list[int]]) -> int:
    """How many stretches there are when those that overlap are one."""
    count, at = 0, -1
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        count += start >= at
        at = max(at, end)
    return count


MEGABYTE = 1_000_000


@pytest.mark.parametrize("piece", ["password=", "\u200b"])
@pytest.mark.slow
def test_a_megabyte_is_decided_upon(piece: str) -> None:
    text = (piece * MEGABYTE)[:MEGABYTE]
    started = time.process_time()
    found = applied(rule("secrets", "redact"), text=text)
    assert time.process_time() - started < 60
    assert found.refusal is None or found.refusal["code"] == "check_failed"


def test_fifty_thousand_places_are_told_apart(finder: Any) -> None:
    hits = [Hit("r", at, at + 5) for at in range(0, MEGABYTE, 20)]
    finder("one", finding(*hits))
    finder("two", finding(*hits, *(Hit("r", at + 4, at + 9) for at in range(0, MEGABYTE, 20))))
    found = applied(rule("one", "allow"), rule("two", "redact"), text="word " * (MEGABYTE // 5))
    assert len(found.of("redact")) == len(hits)
    assert found.redacted.count("[r withheld]") == len(hits)
