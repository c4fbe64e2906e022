"""What callers are told about budgets and limits."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.postgres.verdicts import Ask, dollars, verdict, without_database

ASK = Ask(UUID(int=1), "acme", "ann", None, None, None, "small", "small-1", 900, 1_500_000, 60.0)


@given(st.integers(0, 10**15))
def test_dollars_are_exact_and_have_cents(nano_usd: int) -> None:
    written = dollars(nano_usd)
    assert Decimal(written) * 10**9 == nano_usd
    assert len(written.partition(".")[2]) >= 2
    assert not written.partition(".")[2][2:].endswith("0")


def test_an_admitted_call_has_warnings_and_what_is_left() -> None:
    warning = {"kind": "key", "subject": "7", "period": "total", "percent": 91}
    found = verdict(ASK, "", None, None, 12, "", [warning])
    assert (found.admitted, found.code, found.sentence, found.remaining_nano_usd) == (True, "", "", 12)
    assert found.warnings == ("The budget of this API key is used to 91 %.",)


def test_an_overspent_budget_has_nothing_left() -> None:
    cause = {"kind": "team", "subject": "red", "period": "month", "nano_usd": 5 * 10**9}
    found = verdict(ASK, "budget_exceeded", cause, 3.5, -7, "downgrade", [])
    assert not found.admitted
    assert (found.remaining_nano_usd, found.retry_after, found.policy) == (0, 3.5, "downgrade")
    assert found.sentence == (
        "The budget for the month of team red of $5.00 has no room for this call, which may cost up to $0.0015."
    )


@pytest.mark.parametrize(
    ("code", "sentence"),
    [("key_revoked", "This API key was revoked."), ("key_expired", "This API key has expired.")],
)
def test_a_key_that_ended_is_told(code: str, sentence: str) -> None:
    assert verdict(ASK, code, None, None, None, "", []).sentence == sentence


@given(st.floats(0, 10**6), st.sampled_from(["requests", "tokens"]))
def test_a_limit_says_when_to_try_again_and_never_at_once(wait: float, measure: str) -> None:
    cause = {
        "kind": "global",
        "subject": "",
        "measure": measure,
        "amount": 5,
        "seconds": 1.5,
        "most": 5,
        "asked": 1,
    }
    sentence = verdict(ASK, "rate_limited", cause, wait, None, "queue", []).sentence
    assert sentence.startswith(f"The limit of 5 {measure} in 1.5 s for everybody is reached: try again in ")
    assert float(sentence.split()[-2]) >= 0.1


def test_without_a_database_it_is_refused_or_warned() -> None:
    refused, allowed = without_database(False), without_database(True)
    assert (refused.admitted, refused.code, refused.warnings) == (False, "limits_unavailable", ())
    assert (allowed.admitted, allowed.code, len(allowed.warnings)) == (True, "", 1)
