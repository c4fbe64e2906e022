"""What is in pictures and files of results, read in worker processes, and what servers let be read."""

import base64
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from state.errors import KairosError
from state.identity import Identity
from tests.fixtures.mcp_files import SAID
from tests.fixtures.mcp_hostile import HostileHttp
from tests.fixtures.mcp_served import called, hostile, sample, sample_http
from tools.mcp import inside, pool
from tools.mcp.declared import Server
from tools.mcp.pool import Reached
from tools.mcp.resources import resource_tools
from tools.mcp.results import read_result
from tools.parse import ocr
from tools.tool import Result, Tool
from tools.workers.pool import Pool

ANN = Identity("acme", "ann")
HOSTILE = (sys.executable, "-m", "tests.fixtures.hostile_worker")
has_ocr = pytest.mark.skipif(not ocr.is_there(), reason="no OCR engine")


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await pool.close_sessions()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sample_http() as stateless:
        yield stateless


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest, url: str) -> Server:
    return sample(resources=True) if request.param == "stdio" else Server(url=url, resources=True)


async def _files(server: Server, *names: str, most: int = 20_000) -> Result:
    given = await called(server, "files", {"names": list(names)})
    return await read_result(given, {}, most, time.monotonic())


def _tools(server: Server) -> dict[str, Tool]:
    return {tool.name.partition(".")[2]: tool for tool in resource_tools("desk", server, ())}


async def _call(server: Server, tool: str, **arguments: Any) -> Result:
    return await _tools(server)[tool].call(arguments, ANN)


async def _refusal(server: Server, tool: str, **arguments: Any) -> KairosError:
    with pytest.raises(KairosError) as caught:
        await _call(server, tool, **arguments)
    return caught.value


@has_ocr
async def test_the_words_in_pictures_and_files_are_part_of_the_text(server: Server) -> None:
    text = (await _files(server, "picture", "pdf", "page", "unsaid", "archive")).text
    first, _, rest = text.partition(SAID)
    assert first.startswith("Here:\n[image image/png, ")
    assert first.endswith(" bytes]\n")
    assert rest.startswith("\n[resource file:///pdf, 2,613 bytes]\nChapter One\n")
    assert "bytes]\nLamps\n[resource file:///unsaid" in rest
    assert "steal" not in rest
    assert "[resource file:///archive, 22 bytes]\n[audio audio/wav, 3 bytes]\nThat is all." in rest


async def test_what_cannot_be_read_says_why_and_the_rest_goes_on() -> None:
    names = ["broken", "bomb", "disguised", "page", "broken", "page"]
    head, *lines, sound, last = (await _files(sample(), *names)).text.splitlines()
    assert (head, sound, last) == ("Here:", "[audio audio/wav, 3 bytes]", "That is all.")
    why = [line.partition(" bytes")[2] for line in lines]
    broken = ": it could not be read: it is damaged and cannot be read as a picture]"
    assert why == [
        broken,
        ": it could not be read: it is larger than 80 million pixels, more than is read]",
        ": it could not be read: it is not what it is said to be, but application/pdf]",
        "]",
        "",
        broken,
        ": it was not read, as 5 others were]",
    ]


async def test_a_file_that_hangs_or_crashes_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = Pool(1, HOSTILE)
    monkeypatch.setattr(inside, "read_parts", workers.read)
    monkeypatch.setattr(inside, "SECONDS_EACH", 1.5)
    found = await inside.read_inside([_blob(b"SLEEP "), _blob(b"CRASH "), _blob(b"All is well.")], 100)
    assert [one.text for one in found.values()] == ["", "", "All is well."]
    assert "took longer than 1.5 s" in found[0].why
    assert "made its parser crash" in found[1].why
    late = await inside.read_inside([_blob(b"SLEEP "), _blob(b"Too late.")], 100, 0.5)
    workers.close()
    assert {one.why for one in late.values()} == {"it could not be read: there is no time left"}


async def test_after_a_long_call_there_is_no_time_for_files() -> None:
    result = await read_result({"content": [_blob(b"All is well.")]}, {}, 100, time.monotonic() - 60)
    assert result.text.endswith(": it could not be read: there is no time left]")


async def test_no_more_is_read_than_is_wanted() -> None:
    content = [_blob(b"All is well."), _blob(b""), _blob(b"And more."), _blob(b"Not this.")]
    content[1]["resource"]["blob"] = "this is no base64"
    found = await inside.read_inside(content, 15)
    assert [one.text for one in found.values()] == ["All is well.", "", "And more.", ""]
    assert (found[1].why, found[3].why) == (
        "it could not be read: it is no base64",
        "it was not read, as there is enough text before it",
    )


def _blob(data: bytes) -> dict[str, Any]:
    blob = base64.b64encode(data).decode()
    return {
        "type": "resource",
        "resource": {"uri": "file:///notes.txt", "blob": blob, "mimeType": "text/plain"},
    }


async def test_a_large_file_is_not_read_and_a_larger_message_not_taken() -> None:
    wide = sample(largest_mb=50, resources=True)
    assert (
        "31,457,285 bytes: it could not be read: at most 20 MB are read]"
        in (await _files(wide, "large")).text
    )
    refused = await _refusal(sample(resources=True), "read_resource", uri="file:///large.pdf")
    assert refused.code == "tool_disconnected"


async def test_resources_are_listed_and_read(server: Server) -> None:
    lines = (await _call(server, "list_resources")).text.splitlines()
    assert "file:///plan.txt (plan, text/plain)" in lines
    assert "file:///telescopes.pdf (telescopes, application/pdf)" in lines
    assert (await _call(server, "list_resources", offset=1)).text.splitlines() == lines[1:]
    assert (await _call(server, "list_resources", offset=9)).text == "[there are none]"
    plan = await _call(server, "read_resource", uri="file:///plan.txt")
    assert plan.text == "Trim the wick.\n" * 100
    pdf = await _call(server, "read_resource", uri="file:///telescopes.pdf")
    assert pdf.text.startswith("[resource file:///telescopes.pdf, 2,613 bytes]\nChapter One\n")
    refused = await _refusal(server, "read_resource", uri="file:///nowhere")
    assert refused.code == "tool_failed"
    assert "desk.read_resource failed: " in refused.sentence


async def test_a_long_text_is_read_piece_by_piece() -> None:
    short = sample(resources=True, result_chars=500)
    first = await _call(short, "read_resource", uri="file:///plan.txt")
    assert first.truncated
    assert first.text.endswith("[cut off: 1,500 characters in all; the rest may be had by offset]")
    second = await _call(short, "read_resource", uri="file:///plan.txt", offset=1_450)
    assert (second.text, second.truncated) == (("Trim the wick.\n" * 100)[1_450:], False)


async def test_a_server_without_resources_is_said_to_have_none() -> None:
    for tool, arguments in (("list_resources", {}), ("read_resource", {"uri": "a:b"})):
        refused = await _refusal(hostile(resources=True), tool, **arguments)
        assert (refused.code, "has no resources" in refused.sentence) == ("tool_failed", True)


@pytest.fixture(params=["stdio", "http"])
def bad(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "stdio":
        yield hostile("resources", resources=True)
    else:
        with HostileHttp() as http:
            http.hostile.start = "resources"
            yield Server(url=http.url, seconds=1.5, resources=True)


async def test_a_server_of_resources_only_has_no_tools(bad: Server) -> None:
    assert await pool.declarations(Reached("desk", bad, ANN)) == []


async def test_an_endless_list_comes_in_pages_with_lines_of_its_own(bad: Server) -> None:
    first = await _call(bad, "list_resources")
    lines = first.text.splitlines()
    assert lines[0] == "x:0 (a [there are none], 1,000 bytes)"
    assert (len(lines), lines[-1]) == (100, "[there are more: offset 100]")  # one has an address of two lines
    second = await _call(bad, "list_resources", offset=100)
    assert second.text.startswith("x:100 ")
    short = await _call(bad.model_copy(update={"result_chars": 500}), "list_resources")
    assert len(short.text) < 600
    assert short.truncated


async def test_of_the_web_only_what_is_listed_is_read() -> None:
    bad = hostile("resources", resources=True, seconds=20)
    assert (await _call(bad, "read_resource", uri="https://example.org/listed")).text == "Fine."
    for prefix in ("HTTPS:", "", "git+https:", "ht\ttps:", "\x01https:"):
        refused = await _refusal(bad, "read_resource", uri=f"{prefix}//example.org/?secret=1")
        assert refused.code == "resource_unlisted"


@pytest.mark.parametrize(
    ("uri", "codes"),
    [
        ("x:hang", {"tool_timeout"}),
        ("x:large", {"tool_disconnected", "tool_timeout"}),
        ("x:garbage", {"tool_timeout", "tool_disconnected"}),
        ("x:odd", {"tool_disconnected"}),
    ],
)
async def test_a_resource_that_harms_ends_the_reading_only(bad: Server, uri: str, codes: set[str]) -> None:
    assert (await _refusal(bad, "read_resource", uri=uri)).code in codes
    assert (await _call(bad, "read_resource", uri="x:fine")).text == "Fine."
