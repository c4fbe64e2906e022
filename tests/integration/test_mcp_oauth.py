"""A server that lets in whoever has a token for client credentials."""

from collections.abc import AsyncIterator, Iterator

import pytest

from state.errors import KairosError
from tests.fixtures.mcp_oauth import CLIENT, SECRET, OAuthHttp
from tests.fixtures.mcp_served import called, text
from tools.mcp import pool
from tools.mcp.declared import Server


@pytest.fixture
def http() -> Iterator[OAuthHttp]:
    with OAuthHttp() as server:
        yield server


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await pool.close_sessions()


def _server(http: OAuthHttp, issuer: str = "") -> Server:
    base = http.url.removesuffix("/mcp")
    oauth = {"issuer": issuer or base, "client_id": "SAMPLE_ID", "client_secret": "SAMPLE_SECRET"}
    return Server.model_validate({"url": http.url, "oauth": oauth})


async def test_a_token_is_fetched_and_shown(http: OAuthHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_ID", CLIENT)
    monkeypatch.setenv("SAMPLE_SECRET", SECRET)
    assert text(await called(_server(http), "fine")) == "Fine."


async def test_without_it_nobody_is_let_in(http: OAuthHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_ID", CLIENT)
    monkeypatch.setenv("SAMPLE_SECRET", "wr0ng")
    for server in (_server(http), Server(url=http.url), _server(http, "https://elsewhere.example")):
        with pytest.raises(KairosError) as caught:
            await called(server, "fine")
        assert caught.value.code in ("server_refused", "server_unavailable")
        assert "wr0ng" not in caught.value.sentence
    assert not http.hostile.cancelled
