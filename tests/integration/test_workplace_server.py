"""The sample workplace over both transports: who acts, what they may, and effects that are had once."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from bench.workplace_parts import ROOT, TOKEN, serving
from evals.end_state import tables
from evals.workplace import BackEnd
from mcp_servers.workplace.database import Database
from mcp_servers.workplace.offered import OFFERED
from mcp_servers.workplace.once import KEY
from mcp_servers.workplace.server import Workplace
from state.identity import Identity
from tools.mcp import pool
from tools.mcp.declared import Server
from tools.mcp.pool import Reached

TODAY = date(2026, 11, 2)
BOOKING = {"room": "Lundy", "day": "2026-11-12", "start": "14:00", "finish": "15:00", "title": "Planning"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    Database(tmp_path / "workplace.db", TODAY).prepare()
    return tmp_path / "workplace.db"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BackEnd, int]]:
    with serving(tmp_path_factory.mktemp("workplace")) as found:
        yield found


@pytest.fixture
def port(served: tuple[BackEnd, int]) -> int:
    back_end, port = served
    back_end.reset(())
    return port


@asynccontextmanager
async def over_http(port: int, person: str, token: str = TOKEN) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {token}", "X-Workplace-Person": person}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)) as client,
    ):
        yield client


@asynccontextmanager
async def acting(file: Path, person: str) -> AsyncIterator[Client]:
    async with Client(Workplace(Database(file, TODAY), person).server()) as client:
        yield client


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def called(client: Client, tool: str, arguments: dict[str, Any], key: str | None = None) -> Any:
    return await client.call_tool(tool, arguments, meta=cast(Any, {KEY: key}) if key else None)


def said(result: Any) -> str:
    return str(result.content[0].text)


async def test_every_tool_says_what_it_takes_gives_and_does(file: Path) -> None:
    async with acting(file, "aoife.keane") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert {one.risk for one in OFFERED} == {"read", "write", "destructive", "outward", "money"}
    for one in OFFERED:
        tool = tools[one.act.__name__]
        assert len(tool.description or "") > 20
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint == (one.risk == "read")
        assert tool.annotations.destructive_hint == (one.risk == "destructive")


async def test_a_key_has_its_effect_once(file: Path) -> None:
    key = str(uuid4())
    async with acting(file, "aoife.keane") as client:
        first = await called(client, "book_room", BOOKING, key)
        second = await called(client, "book_room", BOOKING, key)
        assert first.structured_content == second.structured_content
        assert not second.is_error
        outcome = (await called(client, "call_outcome", {"idempotency_key": key})).structured_content
        assert outcome is not None
        assert outcome["found"] is True
        assert "Planning" in outcome["text"]
        other = await called(client, "book_room", {**BOOKING, "room": "Rockall"}, key)
        assert "used for another call" in said(other)
    assert rows(file, "SELECT count(*) FROM bookings WHERE title = 'Planning'") == [(1,)]


async def test_a_refused_call_leaves_no_trace(file: Path) -> None:
    key = str(uuid4())
    async with acting(file, "aoife.keane") as client:
        refused = await called(client, "book_room", {**BOOKING, "finish": "20:00"}, key)
        assert "four hours at most" in said(refused)
        outcome = (await called(client, "call_outcome", {"idempotency_key": key})).structured_content
        assert outcome == {"found": False, "text": ""}
        assert not (await called(client, "book_room", BOOKING, key)).is_error


async def test_nobody_sees_what_came_of_the_call_of_another(file: Path) -> None:
    key = str(uuid4())
    async with acting(file, "aoife.keane") as client:
        await called(client, "book_room", BOOKING, key)
    async with acting(file, "rui.matos") as client:
        outcome = (await called(client, "call_outcome", {"idempotency_key": key})).structured_content
        assert outcome == {"found": False, "text": ""}
        assert "used for another call" in said(await called(client, "book_room", BOOKING, key))


async def test_many_at_once_with_one_key_have_one_effect(port: int, served: tuple[BackEnd, int]) -> None:
    key = str(uuid4())
    async with over_http(port, "aoife.keane") as client:
        given = await asyncio.gather(*(called(client, "book_room", BOOKING, key) for _ in range(10)))
    assert not any(one.is_error for one in given)
    assert rows(served[0].live, "SELECT count(*) FROM bookings WHERE title = 'Planning'") == [(1,)]


async def test_of_two_who_want_a_room_one_gets_it(port: int, served: tuple[BackEnd, int]) -> None:
    async with (
        over_http(port, "aoife.keane") as one,
        over_http(port, "rui.matos") as other,
    ):
        given = await asyncio.gather(
            *(called(client, "book_room", BOOKING, str(uuid4())) for client in (one, other))
        )
    assert sorted(result.is_error for result in given) == [False, True]
    assert rows(served[0].live, "SELECT count(*) FROM bookings WHERE title = 'Planning'") == [(1,)]


async def test_over_http_the_header_says_who_acts(port: int) -> None:
    async with over_http(port, "rui.matos") as client:
        me = (await called(client, "who_am_i", {})).structured_content
        assert me is not None
        assert me["id"] == "rui.matos"
    async with over_http(port, "mallory") as client:
        assert "Nobody here has this name" in said(await called(client, "who_am_i", {}))


def test_over_http_nobody_gets_in_without_the_token(port: int) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-Workplace-Person": "maeve.doran"}):
        answer = httpx2.post(f"http://127.0.0.1:{port}/mcp", json={}, headers=headers)
        assert answer.status_code == 401


async def test_over_stdio_the_environment_says_who_acts(tmp_path: Path) -> None:
    server = Server(
        command=sys.executable,
        args=("-m", "mcp_servers.workplace", "--db", str(tmp_path / "new.db"), "--today", "2026-11-02"),
        as_user={"WORKPLACE_PERSON": "{principal}"},
    )
    try:
        for person in ("kees.wouters", "rui.matos"):
            reached = Reached("workplace", server, Identity("skerrow", person))
            me = (await pool.call(reached, "who_am_i", {}, uuid4()))["structuredContent"]
            assert (me["id"], me["today"]) == (person, "2026-11-02")
    finally:
        await pool.close_sessions()


def test_two_that_start_at_once_fill_the_file_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from mcp_servers.workplace.database import Database; "
        "Database(Path(sys.argv[1])).prepare()"
    )
    file = tmp_path / "new.db"
    command = (sys.executable, "-c", code, str(file))
    started = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [one.wait() for one in started] == [0, 0, 0]
    assert rows(file, "SELECT count(*) FROM people") == [(14,)]


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("aoife.keane", "decide_leave", {"request_id": 6, "decision": "approve"}, "Only the manager"),
    ("aoife.keane", "cancel_leave", {"request_id": 2}, "leave of your own"),
    ("aoife.keane", "leave_balance", {"person": "rui.matos"}, "report to you"),
    ("aoife.keane", "read_ticket", {"ticket_id": 2}, "no ticket 2 that you may see"),
    ("aoife.keane", "delete_ticket", {"ticket_id": 1}, "Only the Service Desk"),
    ("aoife.keane", "cancel_booking", {"booking_id": 1}, "bookings of your own"),
    ("brid.casey", "decide_claim", {"claim_id": 2, "decision": "approve"}, "manager"),
    ("niall.burke", "decide_claim", {"claim_id": 6, "decision": "approve"}, "manager"),
    ("aoife.keane", "pay_claim", {"claim_id": 4}, "Only Finance"),
    ("niall.burke", "pay_claim", {"claim_id": 1}, "only approved claims"),
    ("niall.burke", "pay_claim", {"claim_id": 5}, "only approved claims"),
    ("aoife.keane", "read_mail", {"mail_id": 9}, "no mail 9"),
    ("aoife.keane", "request_leave", {"first_day": "2026-11-04", "last_day": "2026-11-05"}, "4 days' notice"),
    ("aoife.keane", "request_leave", {"first_day": "2026-11-26", "last_day": "2026-11-30"}, "request 1"),
    (
        "aoife.keane",
        "request_leave",
        {"first_day": "2026-11-30", "last_day": "2026-12-18"},
        "42 days' notice",
    ),
    ("aoife.keane", "request_leave", {"first_day": "2026-12-12", "last_day": "2026-12-13"}, "no working day"),
    ("aoife.keane", "change_bank_account", {"iban": "IE30 AIBK 9311 5212 3456 78"}, "check digits"),
    ("aoife.keane", "book_room", {**BOOKING, "room": "Amarra"}, "can be booked"),
    ("aoife.keane", "book_room", {**BOOKING, "day": "2027-01-12"}, "eight weeks"),
    ("aoife.keane", "book_room", {**BOOKING, "finish": "13:00"}, "after the start"),
    ("aoife.keane", "find_people", {"query": ""}, "at least 1 character"),
    ("aoife.keane", "send_mail", {"to": ["x@y.org\nBcc: z@y.org"], "subject": "a", "body": "b"}, "pattern"),
]


@pytest.mark.parametrize(("person", "tool", "arguments", "words"), REFUSED)
async def test_what_may_not_be_is_refused_and_changes_nothing(
    file: Path, person: str, tool: str, arguments: dict[str, Any], words: str
) -> None:
    before = tables(file, frozenset())
    async with acting(file, person) as client:
        result = await called(client, tool, arguments, str(uuid4()))
    assert result.is_error
    assert words in said(result)
    assert tables(file, frozenset()) == before


async def test_a_claim_above_a_thousand_takes_two_and_is_paid_once(file: Path) -> None:
    for person in ("brid.casey", "tomas.rocha"):
        assert rows(file, "SELECT status FROM claims WHERE id = 3") == [("submitted",)]
        async with acting(file, person) as client:
            assert not (await called(client, "decide_claim", {"claim_id": 3, "decision": "approve"})).is_error
    async with acting(file, "niall.burke") as client:
        assert not (await called(client, "pay_claim", {"claim_id": 3})).is_error
        assert (await called(client, "pay_claim", {"claim_id": 3})).is_error
    assert rows(file, "SELECT amount, iban FROM payments WHERE claim = 3") == [
        (135000, "IE12BOFI90000112345678")
    ]


async def test_text_is_text(file: Path) -> None:
    text = "x'); DELETE FROM people; --"
    async with acting(file, "aoife.keane") as client:
        given = (await called(client, "open_ticket", {"title": text, "text": text})).structured_content
        found = (await called(client, "find_people", {"query": text})).structured_content
    assert given is not None
    assert given["text"] == text
    assert found == {"people": []}
    assert rows(file, "SELECT count(*) FROM people") == [(14,)]
