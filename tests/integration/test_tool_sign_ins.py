"""People sign in at a tool server: each for themselves, with tokens that are sealed, refreshed, and never shared."""

import asyncio
import json
import logging
import stat
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from app.cli import cli
from app.http import app
from app.loopback import listening
from state import sealing
from state.errors import KairosError
from state.identity import Identity
from state.postgres import tool_sign_ins
from state.postgres.pool import Pool, admin, scoped
from state.settings import settings
from tests.fixtures.mcp_oauth import OAuthHttp
from tests.fixtures.mcp_served import text
from tools.builtin.settings import chosen
from tools.mcp import pool as sessions
from tools.mcp import signing_in
from tools.mcp.offered import served
from tools.mcp.pool import Reached

BACK = "http://127.0.0.1:9/callback"


@pytest.fixture
def http() -> Iterator[OAuthHttp]:
    with OAuthHttp() as server:
        yield server


@pytest.fixture
def file(http: OAuthHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "tools.yaml"
    monkeypatch.setenv("KAIROS_TOOLS", str(path))
    settings.cache_clear()
    _declare(path, http)
    yield path
    monkeypatch.undo()
    settings.cache_clear()
    chosen.cache_clear()


@pytest.fixture
async def wiki(file: Path, http: OAuthHttp, pool: Pool) -> AsyncIterator[OAuthHttp]:
    """The server, declared as `wiki`."""
    yield http
    await sessions.close_sessions()


def _declare(path: Path, http: OAuthHttp, **oauth: str) -> None:
    oauth = {"flow": "authorization_code", **oauth}
    path.write_text(json.dumps({"servers": {"wiki": {"url": http.url, "oauth": oauth}}}))
    chosen.cache_clear()


async def _consent(url: str) -> dict[str, str]:
    """What a browser comes back with when its person consents."""
    async with httpx.AsyncClient() as browser:
        back = await browser.get(url)
    assert back.status_code == 302, back.text
    return {key: values[0] for key, values in parse_qs(urlsplit(back.headers["location"]).query).items()}


async def _finish(identity: Identity, given: dict[str, str]) -> str:
    return await signing_in.finish(identity, given["state"], given["code"], given.get("iss"))


async def _sign_in(identity: Identity) -> str:
    return await _finish(identity, await _consent(await signing_in.begin(identity, "wiki", BACK)))


def _reached(identity: Identity) -> Reached:
    return Reached("wiki", chosen().settings.servers["wiki"], identity)


async def _call(identity: Identity) -> str:
    return text(await sessions.call(_reached(identity), "fine", {}, uuid4()))


async def _code(work: Any) -> str:
    with pytest.raises(KairosError) as caught:
        await work
    assert caught.value.sentence.endswith(".")
    for secret in ("access-", "refresh-", "secret-", "code-"):
        assert secret not in caught.value.sentence
    return caught.value.code


def _of_tenant(us: Identity, principal: str) -> Identity:
    return Identity(us.tenant, principal)


async def test_who_has_signed_in_is_let_in(wiki: OAuthHttp, us: Identity) -> None:
    assert await _code(_call(us)) == "sign_in_needed"
    assert await _sign_in(us) == "wiki"
    assert await _call(us) == "Fine."
    (asked,) = wiki.authorization.asked
    assert asked["resource"] == wiki.url
    assert asked["code_challenge_method"] == "S256"
    (row,) = await signing_in.signed_in(us)
    assert (row["server"], row["signed_in"]) == ("wiki", True)


async def test_two_people_never_share(wiki: OAuthHttp, us: Identity) -> None:
    bob, stranger = _of_tenant(us, "bob"), Identity("elsewhere", us.principal)
    await _sign_in(us)
    assert await _call(us) == "Fine."
    assert await _code(_call(bob)) == await _code(_call(stranger)) == "sign_in_needed"
    before = set(wiki.shown)
    await _sign_in(bob)
    assert await _call(bob) == "Fine."
    assert not before & set(wiki.shown[-2:])
    assert await _code(_call(stranger)) == "sign_in_needed"
    assert await tool_sign_ins.everything(stranger) == []
    async with scoped(us) as connection:  # a forgotten condition shows nothing
        assert await (await connection.execute("SELECT * FROM tool_sign_ins")).fetchall() == []


async def test_an_old_token_is_refreshed_once(wiki: OAuthHttp, us: Identity) -> None:
    wiki.authorization.seconds = 1
    await _sign_in(us)
    await asyncio.sleep(1.1)
    wiki.authorization.seconds = 3600
    both = (
        us,
        replace(us, groups=("staff",)),
    )  # two sessions, which know as little of each other as two processes
    assert await asyncio.gather(*(_call(one) for one in both * 3)) == ["Fine."] * 6
    assert wiki.authorization.refreshes == 1
    wiki.authorization.expire()  # sooner than it was said
    assert await asyncio.gather(*(_call(one) for one in both * 3)) == ["Fine."] * 6
    assert wiki.authorization.refreshes == 2
    await sessions.close_sessions()
    assert await _call(us) == "Fine."
    assert wiki.authorization.refreshes == 2


async def test_what_is_revoked_asks_to_sign_in(wiki: OAuthHttp, us: Identity) -> None:
    await _sign_in(us)
    assert [tool.name for tool in await served(us) if tool.name == "wiki.fine"]
    wiki.authorization.revoke()
    for _ in range(8):  # more often than a breaker bears
        assert await _code(_call(us)) == "sign_in_needed"
    assert [tool.name for tool in await served(us) if tool.name == "wiki.fine"]
    await _sign_in(us)
    assert await _call(us) == "Fine."


async def test_a_refresh_that_fails_for_now_loses_nothing(wiki: OAuthHttp, us: Identity) -> None:
    await _sign_in(us)
    await _call(us)
    wiki.authorization.expire()
    wiki.authorization.broken = True
    assert await _code(_call(us)) == "server_unavailable"
    wiki.authorization.broken = False
    assert await _call(us) == "Fine."


async def test_a_refresh_outlives_its_session(wiki: OAuthHttp, us: Identity) -> None:
    await _sign_in(us)
    await _call(us)
    wiki.authorization.expire()
    wiki.authorization.pause = 0.4
    calling = asyncio.create_task(_call(us))
    await asyncio.sleep(0.2)
    await sessions.close_sessions()
    await asyncio.gather(calling, return_exceptions=True)
    assert await _call(us) == "Fine."
    assert wiki.authorization.refreshes == 1


async def test_signing_out_counts_at_once(wiki: OAuthHttp, us: Identity) -> None:
    await _sign_in(us)
    await _call(us)
    assert await tool_sign_ins.forget(us, "wiki")
    assert not await tool_sign_ins.forget(us, "wiki")
    assert await _code(_call(us)) == "sign_in_needed"


async def test_a_session_is_of_one_sign_in(wiki: OAuthHttp, us: Identity) -> None:
    await _sign_in(us)
    await _call(us)
    await _sign_in(us)  # perhaps with another account
    opened = len(wiki.sessions)
    assert await _call(us) == "Fine."
    assert len(wiki.sessions) == opened + 1


async def test_a_token_is_for_its_address_only(wiki: OAuthHttp, file: Path, us: Identity) -> None:
    await _sign_in(us)
    with OAuthHttp() as moved:
        _declare(file, moved)
        assert await _code(_call(us)) == "sign_in_needed"
        assert moved.seen == []


async def test_only_who_began_can_finish_once_and_in_time(wiki: OAuthHttp, us: Identity) -> None:
    bob = _of_tenant(us, "bob")
    given = await _consent(await signing_in.begin(us, "wiki", BACK))
    for other in (bob, Identity("elsewhere", us.principal)):
        assert await _code(_finish(other, given)) == "sign_in_unknown"
    assert await _code(_finish(us, {**given, "state": "f" * 43})) == "sign_in_unknown"
    assert await _code(_finish(us, {**given, "state": ""})) == "sign_in_unknown"
    await _finish(us, given)
    assert await _code(_finish(us, given)) == "sign_in_unknown"
    first = await _consent(await signing_in.begin(us, "wiki", BACK))
    late = await _consent(await signing_in.begin(us, "wiki", BACK))
    assert await _code(_finish(us, first)) == "sign_in_unknown"
    async with admin() as connection:
        await connection.execute(
            "UPDATE tool_sign_ins_begun SET expires_at = now() - interval '1 second' WHERE tenant = %s",
            (us.tenant,),
        )
    assert await _code(_finish(us, late)) == "sign_in_unknown"


async def test_the_code_of_another_sign_in_is_refused(wiki: OAuthHttp, us: Identity) -> None:
    other = await _consent(await signing_in.begin(_of_tenant(us, "bob"), "wiki", BACK))
    given = await _consent(await signing_in.begin(us, "wiki", BACK))
    assert await _code(_finish(us, {**given, "code": other["code"]})) == "sign_in_failed"
    assert await _code(_call(us)) == "sign_in_needed"


async def test_issuers_are_not_mixed_up(
    wiki: OAuthHttp, file: Path, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki.authorization.said_issuer = "https://evil.example"
    assert await _code(_sign_in(us)) == "sign_in_failed"
    wiki.authorization.said_issuer = ""
    given = await _consent(await signing_in.begin(us, "wiki", BACK))
    assert await _code(signing_in.finish(us, given["state"], given["code"], None)) == "sign_in_failed"
    wiki.authorization.issuer = "https://evil.example"
    assert await _code(signing_in.begin(us, "wiki", BACK)) == "sign_in_failed"
    wiki.authorization.issuer, wiki.authorization.pkce = "", ()
    assert await _code(signing_in.begin(us, "wiki", BACK)) == "sign_in_failed"
    wiki.authorization.pkce = ("S256",)
    wiki.authorization.page = "http://evil.example/authorize"
    assert await _code(signing_in.begin(us, "wiki", BACK)) == "sign_in_failed"
    wiki.authorization.page = ""
    monkeypatch.setenv("WIKI_ID", "ours")
    monkeypatch.setenv("WIKI_SECRET", "secret-of-ours")
    _declare(file, wiki, client_id="WIKI_ID", client_secret="WIKI_SECRET", issuer="https://login.example")
    assert await _code(signing_in.begin(us, "wiki", BACK)) == "sign_in_failed"


async def test_a_declared_client_is_not_registered(
    wiki: OAuthHttp, file: Path, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIKI_ID", "ours")
    monkeypatch.setenv("WIKI_SECRET", "secret-of-ours")
    ours = {"client_id": "ours", "client_secret": "secret-of-ours", "redirect_uris": [BACK]}
    wiki.authorization.clients["ours"] = ours
    base = wiki.url.removesuffix("/mcp")
    _declare(file, wiki, client_id="WIKI_ID", client_secret="WIKI_SECRET", issuer=base, scope="pages:read")
    await _sign_in(us)
    wiki.authorization.expire()
    assert await _call(us) == "Fine."
    assert wiki.authorization.asked[0]["scope"] == "pages:read"
    assert list(wiki.authorization.clients) == ["ours"]
    _declare(file, wiki)
    assert await _code(_call(us)) == "sign_in_needed"


async def test_tokens_are_sealed_and_said_nowhere(
    wiki: OAuthHttp, us: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await _sign_in(us)
    await _call(us)
    wiki.authorization.expire()
    await _call(us)
    async with admin() as connection:
        cursor = await connection.execute("SELECT * FROM tool_sign_ins WHERE tenant = %s", (us.tenant,))
        (row,) = await cursor.fetchall()
    known = wiki.authorization
    secrets = [
        *known.access,
        *known.refresh,
        *known.used,
        *(one["client_secret"] for one in known.clients.values()),
    ]
    assert len(secrets) >= 3
    for secret in secrets:
        assert secret.encode() not in bytes(row["sealed"])
        assert secret not in str(row)
        assert secret not in caplog.text


async def test_what_is_sealed_counts_in_its_own_row_only(wiki: OAuthHttp, us: Identity) -> None:
    bob = _of_tenant(us, "bob")
    await _sign_in(us)
    async with admin() as connection:
        await connection.execute(
            "INSERT INTO tool_sign_ins (tenant, principal, server, url, sealed) "
            "SELECT tenant, 'bob', server, url, sealed FROM tool_sign_ins WHERE tenant = %s",
            (us.tenant,),
        )
    assert await _code(_call(bob)) == "sign_in_needed"


async def test_keys_can_be_replaced(wiki: OAuthHttp, us: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()

    async def with_key(key: str, work: Any) -> Any:
        monkeypatch.setenv("KAIROS_SECRET_KEY", key)
        settings.cache_clear()
        return await work

    await with_key(old, _sign_in(us))
    assert await with_key(f"{new}, {old}", _call(us)) == "Fine."
    assert await _code(with_key(new, _call(us))) == "sign_in_needed"
    assert await _code(with_key("short", signing_in.begin(us, "wiki", BACK))) == "secret_key_invalid"


async def test_with_another_database_a_key_is_needed(
    database: str, file: Path, http: OAuthHttp, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _code(signing_in.begin(us, "wiki", BACK)) == "secret_key_needed"
    assert await _code(_call(us)) == "secret_key_needed"
    assert http.authorization.clients == {}


def test_the_key_file_is_whole_and_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(sealing._of_file, [path] * 8))
    assert len(set(made)) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["secret.key"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_browser_comes_back_as_the_same_person(wiki: OAuthHttp, us: Identity) -> None:
    ann, bob = _client(us), _client(_of_tenant(us, "bob"))
    url = (await ann.post("/kairos/sign-ins/wiki")).json()["url"]
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == ["http://127.0.0.1:2024/kairos/sign-ins/callback"]
    given = await _consent(url)
    stolen = await bob.get("/kairos/sign-ins/callback", params=given)
    assert (stolen.status_code, stolen.json()["error"]["code"]) == (404, "sign_in_unknown")
    back = await ann.get("/kairos/sign-ins/callback", params=given)
    assert (back.status_code, back.headers["cache-control"]) == (200, "no-store")
    assert (await ann.get("/kairos/sign-ins/callback", params=given)).status_code == 404
    assert (await ann.get("/kairos/sign-ins/callback", params={"error": "access_denied"})).status_code == 502
    assert await _call(us) == "Fine."
    assert (await ann.get("/kairos/sign-ins")).json()["sign_ins"][0]["signed_in"]
    assert not (await bob.get("/kairos/sign-ins")).json()["sign_ins"][0]["signed_in"]
    assert (await bob.delete("/kairos/sign-ins/wiki")).json() == {"forgotten": False}
    assert (await ann.delete("/kairos/sign-ins/wiki")).json() == {"forgotten": True}
    assert (await ann.delete("/kairos/sign-ins/%00")).status_code == 422
    assert (await ann.post("/kairos/sign-ins/nowhere")).json()["error"]["code"] == "server_unknown"


async def test_far_away_the_address_is_never_the_callers(
    wiki: OAuthHttp, us: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = _client(us, "https://evil.example")
    refused = await far.post("/kairos/sign-ins/wiki")
    assert refused.json()["error"]["code"] == "public_url_needed"
    monkeypatch.setenv("KAIROS_PUBLIC_URL", "https://kairos.example.org/")
    settings.cache_clear()
    url = (await far.post("/kairos/sign-ins/wiki")).json()["url"]
    back = "https://kairos.example.org/kairos/sign-ins/callback"
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == [back]


def _client(identity: Identity, base: str = "http://127.0.0.1:2024") -> httpx.AsyncClient:
    """Of our routes, as the server calls them for somebody."""
    user: dict[str, Any] = {
        "tenant": identity.tenant,
        "identity": identity.principal,
        "groups": [],
        "team": None,
    }

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "user": {**user, "key": None, "models": []}}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(asked), base_url=base)


def _kairos(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["tools", *arguments])


def test_from_the_terminal(file: Path, http: OAuthHttp, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def browse(url: str) -> bool:
        return httpx.get(url, follow_redirects=True).is_success

    monkeypatch.setattr("webbrowser.open", browse)
    tenant = ("--tenant", "terminal")
    assert "sign-in wiki" in _kairos("servers", *tenant).stdout.replace("\n", "")
    done = _kairos("sign-in", "wiki", "--json", *tenant)
    assert json.loads(done.stdout.splitlines()[-1]) == {"server": "wiki", "signed_in": True}
    assert not any(
        secret in done.output for secret in (*http.authorization.access, *http.authorization.refresh)
    )
    called = _kairos("call", "wiki.fine", *tenant)
    assert called.stdout == "Fine.\n", called.output
    assert "You are signed out" in _kairos("sign-out", "wiki", *tenant).stdout
    assert _kairos("call", "wiki.fine", *tenant).exit_code == 1
    assert _kairos("sign-in", "nowhere", *tenant).exit_code == 1


async def test_the_terminal_hears_its_own_address_only() -> None:
    async with listening(0) as back, httpx.AsyncClient() as browser:
        here = back.uri.removesuffix("/callback")
        assert (await browser.get(f"{here}/favicon.ico")).status_code == 404
        assert (await browser.post(back.uri)).status_code == 404
        assert (await browser.get(back.uri, headers={"host": "evil.example"})).status_code == 404
        assert not back.given.done()
        assert (await browser.get(back.uri, params={"code": "a", "state": "b"})).status_code == 200
        assert await back.given == {"code": "a", "state": "b"}
        assert (await browser.get(back.uri, params={"code": "c"})).status_code == 200
        assert back.given.result()["code"] == "a"
