"""Fetching over HTTP from a real server on this machine that redirects, lies, drips, and never ends."""

import asyncio
import gzip
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from state.errors import KairosError
from state.settings import settings
from tests.fixtures.web_server import Request, Site, answers, head, in_turn, moves, site, status
from tools.sources import Fetched, Source, check, fetch, http, list_source, pinned

WORDS = b"Lamps go out at nine."


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as there:
        yield there


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BACKOFF_S", 0.01)


@pytest.fixture(autouse=True)
def allow(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setenv("KAIROS_FETCH_ALLOW", '["127.0.0.1/32"]')
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def forbid(monkeypatch: pytest.MonkeyPatch, allowed: str = "[]") -> None:
    monkeypatch.setenv("KAIROS_FETCH_ALLOW", allowed)
    settings.cache_clear()


async def read(url: str, stamp: str | None = None) -> Fetched | None:
    return await fetch(Source("urls", url), url, stamp)


async def fails(url: str, code: str) -> str:
    with pytest.raises(KairosError) as failed:
        await read(url)
    assert failed.value.code == code, failed.value.sentence
    assert "\n" not in failed.value.sentence
    return failed.value.sentence


async def test_a_page_is_fetched_under_its_own_name(web: Site) -> None:
    web.pages["/a%20b/lamps.md?v=2"] = answers(WORDS, Content_Type="image/png")
    fetched = await read(f"{web.url}/a%20b/lamps.md?v=2")
    assert fetched
    assert (fetched.data, fetched.name) == (WORDS, "lamps.md")
    (request,) = web.asked
    assert request.headers["user-agent"] == "Kairos/0.1"
    assert request.headers["host"] == web.url.removeprefix("http://")


async def test_what_has_not_changed_is_not_fetched(web: Site) -> None:
    async def page(request: Request, writer: asyncio.StreamWriter) -> None:
        known = request.headers.get("if-none-match") == '"1"'
        await (status(304) if known else answers(WORDS, ETag='"1"'))(request, writer)

    web.pages["/etag"] = page
    web.pages["/plain"] = answers(WORDS)
    web.pages["/dated"] = answers(WORDS, Last_Modified="Tue, 03 Nov 2026 09:00:00 GMT")
    for path in ("/etag", "/plain", "/dated"):
        first = await read(web.url + path)
        assert first
        assert await read(web.url + path, first.stamp) is None
    assert web.asked[-1].headers["if-modified-since"] == "Tue, 03 Nov 2026 09:00:00 GMT"
    # The date has a second's precision only: the bytes decide.
    web.pages["/dated"] = answers(WORDS + b"!", Last_Modified="Tue, 03 Nov 2026 09:00:00 GMT")
    changed = await read(web.url + "/dated", first.stamp)
    assert changed
    assert changed.data == WORDS + b"!"


async def test_304_without_a_question_is_a_failure(web: Site) -> None:
    web.pages["/"] = status(304)
    assert "304" in await fails(f"{web.url}/", "fetch_failed")


@pytest.mark.parametrize("code", [404, 410])
async def test_gone_is_said_apart(web: Site, code: int) -> None:
    web.pages["/"] = status(code)
    assert str(code) in await fails(f"{web.url}/", "source_gone")
    assert len(web.asked) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 204, 206, 302])
async def test_other_statuses_are_failures_and_are_not_tried_again(web: Site, code: int) -> None:
    web.pages["/"] = status(code)
    assert str(code) in await fails(f"{web.url}/", "fetch_failed")
    assert len(web.asked) == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
async def test_passing_failures_are_tried_again(web: Site, code: int) -> None:
    web.pages["/"] = in_turn(status(code), status(code), answers(WORDS))
    assert await read(f"{web.url}/")
    web.pages["/"] = status(code)
    web.asked.clear()
    await fails(f"{web.url}/", "fetch_failed")
    assert len(web.asked) == http.TRIES


async def test_retry_after_is_waited_for_within_bounds(web: Site, allow: pytest.MonkeyPatch) -> None:
    web.pages["/"] = in_turn(status(429, Retry_After="1"), answers(WORDS))
    start = time.monotonic()
    assert await read(f"{web.url}/")
    assert time.monotonic() - start >= 1
    for wish in ("86400", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400):
        web.pages["/"] = status(503, Retry_After=wish)
        web.asked.clear()
        assert "asks to wait" in await fails(f"{web.url}/", "fetch_failed")
        assert len(web.asked) == 1
    allow.setattr(http, "LONGEST_WAIT_S", 0)
    for nonsense in ("soon", "-5", "", "\u00b2"):
        assert http.retry_after(pinned.Answer("", 503, {"retry-after": nonsense})) == 0


async def test_redirects_are_followed_up_to_a_limit(web: Site) -> None:
    for step in range(http.REDIRECTS):
        web.pages[f"/{step}"] = moves(f"/{step + 1}", (301, 302, 303, 307, 308)[step])
    web.pages[f"/{http.REDIRECTS}"] = answers(WORDS)
    assert await read(f"{web.url}/0")
    web.pages["/before"] = moves("/0")
    assert "redirect" in await fails(f"{web.url}/before", "fetch_failed")
    web.pages["/loop"] = moves("/loop")
    web.asked.clear()
    assert "redirect" in await fails(f"{web.url}/loop", "fetch_failed")
    assert len(web.asked) == http.REDIRECTS + 1


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.2:{port}/secret",
        "http://localhost.localdomain.invalid/",
        "http://[::ffff:127.0.0.2]:{port}/secret",
        "http://0:{port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "//10.0.0.1/secret",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "http://user:hunter2@127.0.0.1:{port}/secret",
        "http://[",
    ],
)
async def test_a_redirect_leads_nowhere_that_the_first_url_could_not(web: Site, where: str) -> None:
    web.pages["/"] = moves(where.format(port=web.url.rpartition(":")[2]))
    web.pages["/secret"] = answers(b"never to be read")
    with pytest.raises(KairosError) as failed:
        await read(f"{web.url}/")
    assert failed.value.code in ("fetch_refused", "fetch_failed")
    assert "hunter2" not in failed.value.sentence
    assert web.paths() == ["/"] * len(web.asked)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:7f00:1]"]
)
async def test_this_machine_is_refused_however_it_is_spelt(
    web: Site, allow: pytest.MonkeyPatch, host: str
) -> None:
    forbid(allow)
    web.pages["/"] = answers(WORDS)
    sentence = await fails(f"http://{host}:{web.url.rpartition(':')[2]}/", "fetch_refused")
    assert "KAIROS_FETCH_ALLOW" in sentence
    assert not web.asked


async def test_the_checked_address_is_the_one_that_is_connected_to(
    web: Site, allow: pytest.MonkeyPatch
) -> None:
    """A name that changes its address after the check (DNS rebinding) is looked up once only."""
    forbid(allow, '["rebinding.test"]')
    looked_up = []

    async def look_up(self: object, host: str, port: int, **_: object) -> list[object]:
        looked_up.append(host)
        place = "127.0.0.1" if len(looked_up) == 1 else "127.0.0.99"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port))]

    port = web.url.rpartition(":")[2]
    web.pages["/"] = answers(WORDS)
    real = type(asyncio.get_running_loop()).getaddrinfo

    async def either(self: asyncio.AbstractEventLoop, host: str, port: int, **given: int) -> object:
        if host == "rebinding.test":
            return await look_up(self, host, port)
        return await real(self, host, port, **given)

    allow.setattr(type(asyncio.get_running_loop()), "getaddrinfo", either)
    assert await read(f"http://rebinding.test:{port}/")
    assert looked_up == ["rebinding.test"]
    assert web.asked[0].headers["host"] == f"rebinding.test:{port}"


async def test_one_private_address_among_public_ones_is_enough_to_refuse(allow: pytest.MonkeyPatch) -> None:
    async def mixed(self: object, host: str, port: int, **_: object) -> list[object]:
        places = ("93.184.216.34", "10.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

    allow.setattr(type(asyncio.get_running_loop()), "getaddrinfo", mixed)
    assert "10.0.0.1" in await fails("http://mixed.test/", "fetch_refused")


async def test_the_proxy_of_the_environment_is_not_used(web: Site, allow: pytest.MonkeyPatch) -> None:
    allow.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    allow.setenv("ALL_PROXY", "http://127.0.0.1:9")
    web.pages["/"] = answers(WORDS)
    assert await read(f"{web.url}/")


async def test_more_than_the_limit_is_refused_whatever_the_length_says(
    web: Site, allow: pytest.MonkeyPatch
) -> None:
    async def endless(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {}))
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async def claims_little(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {"Content-Length": "10"}) + b"y" * 50_000)

    async def claims_much(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {"Content-Length": "1000"}) + b"z" * 10)

    allow.setattr(http.get, "__defaults__", (None, 100_000))
    web.pages.update({"/endless": endless, "/little": claims_little, "/much": claims_much})
    assert "larger" in await fails(f"{web.url}/endless", "file_too_large")
    little = await read(f"{web.url}/little")
    assert little
    assert little.data == b"y" * 10
    await fails(f"{web.url}/much", "fetch_failed")
    assert web.paths().count("/much") == http.TRIES


async def test_packed_answers_are_unpacked_but_bombs_are_not(web: Site, allow: pytest.MonkeyPatch) -> None:
    allow.setattr(http.get, "__defaults__", (None, 100_000))
    bomb = gzip.compress(b"\0" * 200_000_000)
    assert len(bomb) < 200_000
    web.pages["/packed"] = answers(gzip.compress(WORDS) + gzip.compress(WORDS), Content_Encoding="gzip")
    web.pages["/bomb"] = answers(gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")
    web.pages["/other"] = answers(WORDS, Content_Encoding="br")
    web.pages["/twice"] = answers(gzip.compress(gzip.compress(WORDS)), Content_Encoding="gzip, gzip")
    web.pages["/broken"] = answers(b"\x1f\x8b not gzip", Content_Encoding="gzip")
    web.pages["/short"] = answers(gzip.compress(WORDS * 50)[:-9], Content_Encoding="gzip")
    packed = await read(f"{web.url}/packed")
    assert packed
    assert packed.data == WORDS * 2
    await fails(f"{web.url}/bomb", "file_too_large")
    for path in ("/other", "/twice", "/broken", "/short"):
        await fails(web.url + path, "fetch_failed")


async def test_drips_end(web: Site, allow: pytest.MonkeyPatch) -> None:
    async def drip(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path == "/body":
            writer.write(head(200, {}))
        while True:
            writer.write(b"h")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def silent(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    web.pages.update({"/head": drip, "/body": drip, "/silent": silent})
    allow.setattr(http, "TOTAL_S", 0.5)
    assert "longer than 0.5 s" in await fails(f"{web.url}/body", "fetch_failed")
    allow.setattr(pinned, "HEADER_S", 0.3)
    for path in ("/head", "/silent"):
        assert "no answer in 0.3 s" in await fails(web.url + path, "fetch_failed")
    assert web.paths() == ["/body", "/head", "/silent"]


async def test_what_is_no_http_at_all_is_a_failure(web: Site) -> None:
    async def garbage(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xffSSH-2.0-nothing of HTTP\r\n\r\n")

    async def hang_up(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.close()

    web.pages.update({"/garbage": garbage, "/hang": hang_up})
    await fails(f"{web.url}/garbage", "fetch_failed")
    await fails(f"{web.url}/hang", "fetch_failed")
    await fails(f"https://{web.url.removeprefix('http://')}/", "fetch_failed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        await fails(f"http://127.0.0.1:{free.getsockname()[1]}/", "fetch_failed")


async def test_one_host_is_asked_a_few_things_at_a_time(web: Site) -> None:
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        await answers(WORDS)(request, writer)

    web.pages.update({f"/{n}": slow for n in range(8)})
    await asyncio.gather(*(read(f"{web.url}/{n}") for n in range(8)))
    assert web.busiest <= http.AT_ONCE


async def test_a_list_of_urls_is_listed_without_asking(web: Site) -> None:
    source = Source("urls", f"{web.url}/b.md\n{web.url}/a.md#part\n\n{web.url}/a.md\n")
    found = await list_source(source, ["staff"])
    assert [(file.uri, file.stamp, file.groups) for file in found] == [
        (f"{web.url}/b.md", None, ["staff"]),
        (f"{web.url}/a.md", None, ["staff"]),
    ]
    assert not web.asked
    with pytest.raises(KairosError, match="user or password") as refused:
        check(Source("urls", f"{web.url}/a.md\nhttps://ann:hunter2@example.org/"))
    assert "hunter2" not in refused.value.sentence


def urlset(*entries: str, root: str = "urlset", kind: str = "url") -> bytes:
    listed = "".join(f"<{kind}>{entry}</{kind}>" for entry in entries)
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{root}>'.encode()


async def test_a_sitemap_lists_its_own_host_and_those_named(web: Site) -> None:
    web.pages["/sitemap.xml"] = answers(
        urlset(
            f"<loc>{web.url}/sitemap-1.xml.gz</loc>",
            f"<loc>{web.url}/sitemap-2.xml</loc>",
            "<loc>http://10.0.0.1/sitemap.xml</loc>",
            root="sitemapindex",
            kind="sitemap",
        )
    )
    web.pages["/sitemap-1.xml.gz"] = answers(
        gzip.compress(
            urlset(
                f"<loc> {web.url}/a.html </loc><lastmod>2026-11-03</lastmod>",
                f"<loc>{web.url}/b.html?x=1&amp;y=2</loc>",
                "<loc>https://elsewhere.example/c.html</loc>",
                "<loc>https://docs.example/d.html</loc>",
                "<loc>file:///etc/passwd</loc>",
            )
        )
    )
    web.pages["/sitemap-2.xml"] = answers(urlset(f"<loc>{web.url}/private/e.html</loc>"))
    web.pages["/robots.txt"] = answers(
        b"User-agent: *\nDisallow: /private/\n\nUser-agent: Other\nDisallow: /\n"
    )
    found = await list_source(Source("sitemap", f"{web.url}/sitemap.xml"), ["staff"])
    assert [(file.uri, file.stamp) for file in found] == [
        (f"{web.url}/a.html", "2026-11-03"),
        (f"{web.url}/b.html?x=1&y=2", None),
        (f"{web.url}/private/e.html", None),
    ]
    assert found[0].groups == ["staff"]
    assert "robots.txt" in str(found[2].error)
    assert web.paths().count("/robots.txt") == 1


async def test_a_part_of_a_sitemap_that_fails_makes_the_list_incomplete(web: Site) -> None:
    start = f"{web.url}/sitemap.xml"
    entries = (f"<loc>{web.url}/one.xml</loc>", f"<loc>{web.url}/two.xml</loc>")
    web.pages["/sitemap.xml"] = answers(urlset(*entries, root="sitemapindex", kind="sitemap"))
    web.pages["/one.xml"] = answers(urlset(f"<loc>{web.url}/a.html</loc>"))
    page, failed = await list_source(Source("sitemap", start), [])
    assert page.uri == f"{web.url}/a.html"
    assert failed.uri == start
    assert "two.xml is not there any more" in str(failed.error)


async def test_without_robots_txt_all_is_allowed_and_with_a_broken_one_nothing(web: Site) -> None:
    web.pages["/sitemap.xml"] = answers(urlset(f"<loc>{web.url}/a.html</loc>"))
    (page,) = await list_source(Source("sitemap", f"{web.url}/sitemap.xml"), [])
    assert page.error is None
    web.pages["/robots.txt"] = status(503)
    with pytest.raises(KairosError, match="nothing was read"):
        await list_source(Source("sitemap", f"{web.url}/sitemap.xml"), [])


async def test_sitemaps_that_loop_or_nest_too_deep_end(web: Site) -> None:
    def index(*urls: str) -> bytes:
        return urlset(*(f"<loc>{web.url}{url}</loc>" for url in urls), root="sitemapindex", kind="sitemap")

    web.pages["/loop.xml"] = answers(index("/loop.xml"))
    assert await list_source(Source("sitemap", f"{web.url}/loop.xml"), []) == []
    for depth in range(9):
        web.pages[f"/{depth}.xml"] = answers(index(f"/{depth + 1}.xml"))
    (failed,) = await list_source(Source("sitemap", f"{web.url}/0.xml"), [])
    assert "nested" in str(failed.error)


async def test_the_certificate_must_be_the_hosts(allow: pytest.MonkeyPatch) -> None:
    """The name is checked against the certificate, though the connection is made to an address."""
    forbid(allow, '["lamps.test"]')
    context = ssl.create_default_context()
    asked: list[str | None] = []
    allow.setattr(pinned, "_trusted", lambda: context)

    async def here(self: object, host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.sni_callback = lambda _, name, __: asked.append(name)

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=server_side)
    port = server.sockets[0].getsockname()[1]
    allow.setattr(type(asyncio.get_running_loop()), "getaddrinfo", here)
    await fails(f"https://lamps.test:{port}/", "fetch_failed")
    server.close()
    await server.wait_closed()
    assert set(asked) == {"lamps.test"}
