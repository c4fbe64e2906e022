"""Results as text of bounded length, faults as sentences, and how much a server may send."""

from typing import Any

import pytest

from state.errors import KairosError
from tools.mcp import faults
from tools.mcp.declared import Server
from tools.mcp.flood import LINES, Allowance, FloodError
from tools.mcp.inside import Inside
from tools.mcp.kinds import ANY, OFFICE, PICTURES, TEXTS, kinds
from tools.mcp.progress import listener, told_to
from tools.mcp.resources import resource_tools
from tools.mcp.results import result_of
from tools.parse.media_types import DOCX, PDF


def _given(*texts: str, **parts: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text} for text in texts], **parts}


def test_a_form_without_text_is_its_own_text() -> None:
    result = result_of({"content": [], "structuredContent": {"a": 1}}, {}, 100)
    assert (result.text, result.structured, result.is_error) == ('{"a":1}', {"a": 1}, False)


def test_what_is_too_long_says_how_to_get_the_rest() -> None:
    parameters: dict[str, Any] = {"properties": {"cursor": {}, "limit": {}, "city": {}}}
    result = result_of(_given("x" * 2000, structuredContent={"a": "x" * 2000}), parameters, 1000)
    assert (
        result.text
        == f"{'x' * 1000}\n[cut off: 2,000 characters in all; the rest may be had by cursor, limit]"
    )
    assert result.structured is None
    assert result.truncated
    assert "ask for less" in result_of(_given("x" * 2000), {}, 1000).text
    small = result_of(_given("x" * 2000, structuredContent={"a": 1}), {}, 1000)
    assert (small.structured, small.truncated) == ({"a": 1}, True)


def test_what_was_read_stands_below_the_line_that_names_it() -> None:
    picture = {"type": "image", "mimeType": "image/png", "data": "QUJDRA=="}
    content = [picture, {"type": "text", "text": "Then:"}, picture]
    inside = {0: Inside("Lamp 7"), 2: Inside(why="there is no text in it")}
    lines = result_of({"content": content}, {}, 100, inside).text.splitlines()
    named = "[image image/png, 4 bytes"
    assert lines == [f"{named}]", "Lamp 7", "Then:", f"{named}: there is no text in it]"]
    cut = result_of({"content": content}, {"properties": {"offset": {}}}, 9, inside, offset=len(named) + 2)
    assert cut.text.startswith("Lamp 7\nTh\n[cut off: ")
    assert "offset" in cut.text
    assert cut.truncated


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("image/PNG; a=b", PICTURES),
        ("image/svg+xml", TEXTS),
        ("text/csv", TEXTS),
        ("application/pdf", (PDF,)),
        (DOCX, OFFICE),
        ("application/vnd.ms-excel.sheet.macroEnabled.12", OFFICE),
        ("application/octet-stream", ANY),
        (None, ANY),
        ("application/zip", ()),
        ("audio/wav", ()),
        ("video/mp4", ()),
        ("application/x-msdownload", ()),
    ],
)
def test_what_is_said_to_be_a_file_of_a_kind_is_read_as_one_of_its_family(said: Any, expected: Any) -> None:
    assert kinds(said) == expected


def test_resources_are_offered_only_where_they_are_declared_and_allowed() -> None:
    def offered(*theirs: str, **more: Any) -> list[tuple[str, str, bool]]:
        tools = resource_tools("desk", Server(command="a", **more), theirs)
        return [(tool.name, tool.risk, tool.trusted) for tool in tools]

    both = [("desk.list_resources", "read", False), ("desk.read_resource", "read", False)]
    assert offered() == []
    assert offered(resources=True) == both
    assert offered("list_resources", resources=True) == both[1:]
    assert offered(resources=True, allow=("list_*",), risks={"*": "outward"}, trusted=True) == [
        ("desk.list_resources", "outward", True)
    ]


def test_references_cannot_forge_lines() -> None:
    link = {"type": "resource_link", "name": "a\n[resource b]", "uri": "x:" + "y" * 2000}
    text = result_of(
        {"content": [link, {"type": "image"}, {"type": "resource"}, {"type": "new"}]}, {}, 5000
    ).text
    assert len(text.splitlines()) == 2
    assert len(text) < 800


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (faults.UNREACHABLE, "server_unavailable"),
        (faults.BUSY, "server_unavailable"),
        (faults.NOT_LET_IN, "server_refused"),
        (faults.LOST, "tool_disconnected"),
        (faults.CLOSED, "tool_disconnected"),
        (faults.UNREADABLE, "tool_disconnected"),
        (faults.TIMED_OUT, "tool_timeout"),
        (-32602, "tool_failed"),
    ],
)
def test_an_error_says_whether_it_may_have_been_done(code: int, expected: str) -> None:
    found = faults.of_error("desk", "desk.add", code, "Bad\x1b[2J\nthing.", 5)
    assert isinstance(found, KairosError)
    assert found.code == expected
    assert "\x1b" not in found.sentence
    assert ("nothing was done" in found.sentence) == expected.startswith("server_")


def test_a_forgotten_session_is_no_fault_of_the_call() -> None:
    found = faults.of_error("desk", "desk.add", faults.SESSION_GONE, "", 5)
    assert isinstance(found, faults.SessionGoneError)


def test_a_server_may_send_much_at_once_or_little_for_long() -> None:
    now = 0.0
    allowance = Allowance(1_000_000, lambda: now)
    allowance.spend(b"x" * 2_000_000)
    with pytest.raises(FloodError):
        allowance.spend(b"x")
    now += 1
    allowance.spend(b"x" * 1_000_000)
    lines = Allowance(1_000_000, lambda: now)
    lines.spend(b"\n" * LINES)
    with pytest.raises(FloodError):
        lines.spend(b"\n")
    for _ in range(100):
        now += 1
        lines.spend(b"\n" * 400)


def test_progress_is_told_now_and_then() -> None:
    told: list[Any] = []
    assert listener() is None
    with told_to(told.append):
        tell = listener()
    assert tell is not None
    for step in range(1000):
        tell(step, None)
    assert told == [{"progress": 0}]
    assert listener() is None
