"""GET by the built-in tool: hosts that are allowed, addresses that may be reached, answers that can be read."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from state.errors import KairosError
from state.identity import Identity
from state.settings import settings
from tests.fixtures.web_server import Site, answers, moves, site, status
from tools.builtin.http_get import http_get
from tools.builtin.settings import HttpGet
from tools.tool import Result

US = Identity("default", "ada")
Get = Callable[..., Any]


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as there:
        yield there


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine may be read, as KAIROS_FETCH_ALLOW says it."""
    monkeypatch.setenv("KAIROS_FETCH_ALLOW", '["127.0.0.1"]')
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def get(url: str, *hosts: str, **limits: Any) -> Result:
    return await http_get(HttpGet(hosts=hosts or ("127.0.0.1",), **limits)).call({"url": url}, US)


async def code(url: str, *hosts: str, **limits: Any) -> str:
    with pytest.raises(KairosError) as refused:
        await get(url, *hosts, **limits)
    return refused.value.code


async def test_text_and_json_come_as_they_are(web: Site, loopback: None) -> None:
    web.pages["/a"] = answers(b"h\xc3\xa9llo", Content_Type="text/plain; charset=utf-8")
    web.pages["/b"] = answers(json.dumps({"n": 1}).encode(), Content_Type="application/json")
    assert (await get(f"{web.url}/a")).text == "héllo"
    found = await get(f"{web.url}/b")
    assert found.structured == {
        "url": f"{web.url}/b", "status": 200, "content_type": "application/json", "json": {"n": 1}
    }  # fmt: skip


async def test_a_page_comes_as_its_text(web: Site, loopback: None) -> None:
    page = b"<html><body><script>steal()</script><h1>Lamps</h1><p>A lamp gives light.</p></body></html>"
    web.pages["/page.html"] = answers(page, Content_Type="text/html")
    text = (await get(f"{web.url}/page.html")).text
    assert "A lamp gives light." in text
    assert "steal" not in text
    assert "<p>" not in text


async def test_only_hosts_of_the_list_are_asked(web: Site, loopback: None) -> None:
    for host in ("example.org", "*.example.org", "127.0.0.10"):
        assert await code(f"{web.url}/", host) == "fetch_refused"
    assert await code("https://evil-example.org/", "*.example.org") == "fetch_refused"
    assert await code("https://example.org.evil.test/", "example.org") == "fetch_refused"
    assert await code("https://example.org/", "*.example.org") == "fetch_refused"
    assert not web.asked


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "http://user:password@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "javascript:1",
        "http://",
        "no url",
    ],
)
async def test_what_is_no_plain_url_is_refused(url: str, loopback: None) -> None:
    assert await code(url) in ("source_invalid", "fetch_refused")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "0.0.0.0", "2130706433", "0x7f.1"],  # noqa: S104
)
async def test_a_host_of_the_list_must_be_public_all_the_same(host: str) -> None:
    assert await code(f"http://{host}:9/", host) in ("fetch_refused", "fetch_failed")


async def test_a_redirect_is_held_against_the_list_again(web: Site, loopback: None) -> None:
    web.pages["/inside"] = moves("/there")
    web.pages["/there"] = answers(b"moved", Content_Type="text/plain")
    web.pages["/outside"] = moves("http://169.254.169.254/latest/meta-data")
    web.pages["/elsewhere"] = moves(web.url.replace("127.0.0.1", "localhost") + "/there")
    web.pages["/file"] = moves("file:///etc/passwd")
    web.pages["/round"] = moves("/round")
    found = await get(f"{web.url}/inside")
    assert found.text == "moved"
    assert found.structured["url"] == f"{web.url}/there"
    assert [await code(f"{web.url}/{path}") for path in ("outside", "elsewhere", "file", "round")] == [
        *("fetch_refused", "fetch_refused", "fetch_refused", "fetch_failed")
    ]


async def test_size_text_and_time_are_limited(web: Site, loopback: None) -> None:
    web.pages["/big"] = answers(b"x" * 200_000, Content_Type="text/plain")
    assert await code(f"{web.url}/big", largest_mb=0.1) == "file_too_large"
    cut = await get(f"{web.url}/big", chars=1000)
    assert cut.truncated
    assert len(cut.text) == 1000

    async def never(request: object, writer: object) -> None:
        import asyncio

        await asyncio.sleep(30)

    web.pages["/never"] = never
    assert await code(f"{web.url}/never", seconds=0.3) == "fetch_failed"


async def test_other_kinds_and_other_answers_are_told(web: Site, loopback: None) -> None:
    web.pages["/program"] = answers(b"\x7fELF", Content_Type="application/octet-stream")
    web.pages["/nothing"] = answers(b"x")
    web.pages["/down"] = status(503)
    assert await code(f"{web.url}/program") == "fetch_refused"
    assert await code(f"{web.url}/nothing") == "fetch_refused"
    gone = await get(f"{web.url}/gone")
    assert gone.is_error
    assert gone.structured["status"] == 404
    assert (await get(f"{web.url}/down")).is_error
    assert await code("http://127.0.0.1:9/") == "fetch_failed"
