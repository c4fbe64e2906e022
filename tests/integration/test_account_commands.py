"""kairos keys, budgets, limits and usage, as people and scripts use them."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from state.postgres.admission import Admission, CallRecord
from state.postgres.pool import close_pool
from tests.fixtures.admissions import ask, record

Kairos = Callable[..., Result]


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid4().hex}"


@pytest.fixture
def kairos(home: Path, tenant: str, monkeypatch: pytest.MonkeyPatch) -> Kairos:
    """A command on the tenant of one test."""
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(cli, [*arguments, "--tenant", tenant])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def said(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def write(*records: CallRecord) -> None:
    async def settle() -> None:
        admission = Admission()
        for each in records:
            admission.settle(each)
        await admission.close()
        await close_pool()

    asyncio.run(settle())


def test_a_key_is_shown_once_and_listed_by_its_beginning(kairos: Kairos) -> None:
    made = said(
        kairos("keys", "create", "ci", "--team", "red", "--models", "a, b", "--expires", "90d", "--json")
    )
    assert made["key"].startswith("kairos-")
    (listed,) = said(kairos("keys", "list", "--json"))["keys"]
    assert (listed["name"], listed["team"], listed["models"], listed["status"]) == (
        "ci",
        "red",
        ["a", "b"],
        "works",
    )
    assert made["key"] not in kairos("keys", "list").stdout
    assert made["key"][:14] in kairos("keys", "list").stdout
    again = said(kairos("keys", "rotate", "ci", "--grace", "1h", "--json"))
    assert again["key"] != made["key"]
    assert len(said(kairos("keys", "list", "--json"))["keys"][0]["prefixes"]) == 2
    assert said(kairos("keys", "revoke", "ci", "--json")) == {"revoked": "ci"}
    assert said(kairos("keys", "list", "--json"))["keys"][0]["status"] == "revoked"
    unknown = kairos("keys", "rotate", "ci")
    assert unknown.exit_code == 1
    assert "There is no key 'ci', or it was revoked." in unknown.stderr


def test_budgets_are_set_changed_listed_and_removed(kairos: Kairos) -> None:
    kairos("keys", "create", "ci")
    number = said(kairos("budgets", "set", "key", "ci", "--usd", "0.25", "--per", "day", "--json"))["budget"]
    changed = kairos(
        "budgets", "set", "key", "ci", "--usd", "1", "--per", "day", "--at-limit", "queue", "--json"
    )
    assert said(changed) == {"budget": number, "nano_usd": 10**9}
    kairos("budgets", "set", "tenant", "--usd", "100")
    mine, ours = said(kairos("budgets", "list", "--json"))["budgets"]
    assert (mine["name"], mine["period"], mine["nano_usd"], mine["at_limit"]) == ("ci", "day", 10**9, "queue")
    assert (ours["kind"], ours["period"], ours["spent"], ours["reserved"]) == ("tenant", "month", 0, 0)
    assert "$100.00" in kairos("budgets", "list").stdout
    assert said(kairos("budgets", "remove", str(number), "--json")) == {"removed": number}
    assert kairos("budgets", "remove", str(number)).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("set", "user", "ann"), 2),
        (("set", "user", "ann", "--usd", "much"), 2),
        (("set", "stone", "ann", "--usd", "1"), 2),
        (("set", "user", "--usd", "1"), 1),
        (("set", "user", "ann", "--usd", "-1"), 1),
        (("set", "user", "ann", "--usd", "1e30"), 1),
        (("set", "key", "none", "--usd", "1"), 1),
    ],
)
def test_a_wrong_budget_is_told(kairos: Kairos, arguments: tuple[str, ...], code: int) -> None:
    assert kairos("budgets", *arguments).exit_code == code
    assert kairos("budgets", "list").stdout == "There is no budget: nothing limits what is spent.\n"


def test_limits_are_set_listed_and_removed(kairos: Kairos) -> None:
    number = said(kairos("limits", "set", "user", "*", "--requests", "60", "--burst", "10", "--json"))[
        "limit"
    ]
    (found,) = [row for row in said(kairos("limits", "list", "--json"))["limits"] if row["id"] == number]
    assert (found["amount"], found["seconds"], found["burst"]) == (60, 60, 10)
    assert "60 requests in 60 s" in kairos("limits", "list").stdout
    assert kairos("limits", "set", "user", "ann").exit_code == 2
    assert kairos("limits", "set", "user", "ann", "--requests", "1", "--per", "0").exit_code == 1
    assert said(kairos("limits", "remove", str(number), "--json")) == {"removed": number}


def test_usage_is_summed_by_what_is_asked(kairos: Kairos, tenant: str) -> None:
    day = [datetime(2026, 1, n, 23, 59, tzinfo=UTC) for n in (1, 2)]
    write(
        record(ask(tenant), 30, at=day[0], feature="chat"),
        record(ask(tenant), 20, at=day[1], feature="chat", cached_tokens=3),
        record(ask(tenant, user="bob", deployment="large"), None, at=day[1], status="cut"),
        record(ask(f"not-{tenant}"), 99, at=day[1]),
    )
    found = said(kairos("usage", "--by", "day,user", "--since", "2026-01-01", "--json"))
    assert found["by"] == ["day", "user"]
    assert [(row["day"], row["user"], row["calls"], row["nano_usd"]) for row in found["usage"]] == [
        ("2026-01-01", "ann", 1, 30),
        ("2026-01-02", "ann", 1, 20),
        ("2026-01-02", "bob", 1, 0),
    ]
    (chat, other) = said(kairos("usage", "--by", "feature", "--since", "2026-01-01", "--json"))["usage"]
    assert (chat["feature"], chat["input_tokens"], chat["cached_tokens"], chat["output_tokens"]) == (
        "chat",
        30,
        3,
        10,
    )
    assert (other["feature"], other["unpriced"], other["not_ok"]) == ("", 1, 1)
    (whole,) = said(kairos("usage", "--by", "", "--since", "2026-01-02", "--json"))["usage"]
    assert whole["calls"] == 2
    everybody = said(kairos("usage", "--by", "tenant", "--every-tenant", "--since", "2026-01-01", "--json"))
    assert {tenant, f"not-{tenant}"} <= {row["tenant"] for row in everybody["usage"]}
    for name in ("key", "team", "model", "deployment"):
        assert "$0.00000005" in kairos("usage", "--by", name, "--since", "2026-01-01").stdout
    assert kairos("usage", "--since", "2027-01-01").stdout == "There were no calls.\n"


def test_usage_by_what_there_is_not_is_told(kairos: Kairos) -> None:
    wrong = kairos("usage", "--by", "colour", "--json")
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)["error"]["code"] == "grouping_unknown"
    assert kairos("usage", "--since", "yesterday").exit_code == 2
