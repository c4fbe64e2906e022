"""kairos models: listing, checking and adding, against a scripted server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from state.settings import settings
from tests.fixtures.embedding_server import embedding_server
from tests.fixtures.model_server import ModelServer, Reply
from tools.models.catalog import catalog
from tools.models.reading import read

KEY = "sk-very-secret-0123456789"
Kairos = Callable[..., Result]


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with ModelServer(models=("org/one", "org/two: b")) as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    running.script(Reply())
    running.calls.clear()
    return running


@pytest.fixture
def path(tmp_path: Path, server: ModelServer) -> Path:
    path = tmp_path / "models.yaml"
    path.write_text(
        f"""\
# Ours.
models:
  - {{name: stub, provider: openai_compatible, model: s, base_url: "{server.url}", key_env: STUB_KEY,
     input_price: 2, output_price: 8, context: 4096, tier: small}}
  - {{name: locked, provider: anthropic, model: c, key_env: KEY_OF_NOBODY}}
  - {{name: quotes, provider: extractive, roles: [answer]}}
"""
    )
    return path


@pytest.fixture
def kairos(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kairos]:
    def invoke(*arguments: str) -> Result:
        settings.cache_clear()
        catalog.cache_clear()
        result = CliRunner().invoke(cli, ["models", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert KEY not in result.output
        return result

    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("KAIROS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KAIROS_MODELS", str(path))
    monkeypatch.setenv("STUB_KEY", KEY)
    monkeypatch.delenv("KEY_OF_NOBODY", raising=False)
    yield invoke
    settings.cache_clear()
    catalog.cache_clear()


def told(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    (line,) = result.stdout.splitlines()
    return json.loads(line)


def names(path: Path) -> list[str]:
    return [entry.name for entry in read(path).models]


def test_list_says_what_there_is_and_why_it_cannot_be_used(kairos: Kairos, path: Path) -> None:
    listed = told(kairos("list", "--json"))
    assert listed["file"] == str(path)
    stub, locked, quotes = listed["models"]
    assert (stub["name"], stub["tier"], stub["context"], stub["available"]) == ("stub", "small", 4096, True)
    assert (stub["input_price"], stub["cached_price"]) == (2, None)
    assert stub["capabilities"] == ["json_schema", "tools"]
    assert (locked["available"], locked["reason"]) == (False, "the variable KEY_OF_NOBODY is not set")
    assert quotes["roles"] == ["answer"]
    shown = kairos("list")
    assert shown.exit_code == 0
    assert "the variable KEY_OF_NOBODY is not set" in shown.stdout
    assert "2 / 8" in shown.stdout
    assert "not known" in shown.stdout


def test_a_mistake_names_file_line_and_key(kairos: Kairos, path: Path) -> None:
    path.write_text(path.read_text().replace("tier: small", "tier: tiny"))
    failed = kairos("list")
    assert failed.exit_code == 1
    assert f"{path}, line 4, models.0.tier" in " ".join(failed.stderr.split())
    assert told(kairos("check", "--json"), 1)["error"]["code"] == "catalog_invalid"


def test_check_calls_each_model_once(kairos: Kairos, server: ModelServer) -> None:
    checked = told(kairos("check", "--json"))
    assert checked["ok"] is True
    stub, locked, quotes = checked["models"]
    assert (stub["status"], quotes["status"]) == ("ok", "ok")
    assert stub["seconds"] > 0
    assert (locked["status"], locked["sentence"]) == ("skipped", "the variable KEY_OF_NOBODY is not set")
    (call,) = server.calls
    assert call.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("reply", "code", "says"),
    [
        (Reply(f"bad key {KEY}", status=401), "model_unauthorised", "refused the key (HTTP 401)"),
        (Reply(status=429), "model_rate_limited", "takes no more calls now"),
        (Reply(body=b"<html>"), "model_bad_answer", "cannot be read"),
        (Reply(""), "model_bad_answer", "empty answer"),
        (Reply(fault="reset"), "model_unreachable", "hung up"),
    ],
)
def test_check_says_what_fails_without_trying_again(
    kairos: Kairos, server: ModelServer, reply: Reply, code: str, says: str
) -> None:
    server.script(reply)
    checked = told(kairos("check", "stub", "--json"), 1)
    (row,) = checked["models"]
    assert (checked["ok"], row["status"], row["code"]) == (False, "failed", code)
    assert says in row["sentence"]
    assert len(server.calls) == 1
    assert says in kairos("check", "stub").stdout


def test_check_of_a_model_that_embeds(kairos: Kairos, path: Path, server: ModelServer) -> None:
    asked: list[str] = []
    with embedding_server(3, asked) as url:
        one = "name: embed, provider: openai_compatible, model: e, capabilities: [embeddings]"
        path.write_text(f"{path.read_text()}  - {{{one}, base_url: '{url}'}}\n")
        assert told(kairos("check", "embed", "--json"))["models"][0]["status"] == "ok"
    assert asked == ["ok"]
    row = told(kairos("check", "embed", "--json"), 1)["models"][0]
    assert row["code"] == "model_unreachable"
    path.write_text(path.read_text().replace(url, server.url))
    row = told(kairos("check", "embed", "--json"), 1)["models"][0]
    assert "HTTP 404" in row["sentence"]


def test_check_of_an_unknown_model(kairos: Kairos) -> None:
    error = told(kairos("check", "gpt-0", "--json"), 1)["error"]
    assert error["code"] == "model_unknown"
    assert "stub, locked, quotes" in error["sentence"]


def test_add_one(kairos: Kairos, path: Path) -> None:
    before = path.read_text()
    options = ("--model", "big-1", "--provider", "openai", "--key-env", "BIG_KEY", "--context", "9000")
    added = told(kairos("add", "big", *options, "--capabilities", "tools, vision", "--json"))
    assert added == {"file": str(path), "found": [], "added": ["big"]}
    assert path.read_text().startswith(before)
    big = read(path).models[-1]
    assert (big.model, big.key_env, big.context) == ("big-1", "BIG_KEY", 9_000)
    assert big.capabilities == {"tools", "vision"}
    assert told(kairos("add", "big", "--model", "x", "--provider", "openai", "--json"), 1)["error"][
        "code"
    ] == ("catalog_invalid")
    assert [row["name"] for row in told(kairos("list", "--json"))["models"]][-1] == "big"


def test_discover_lists_and_adds_what_is_chosen(kairos: Kairos, path: Path, server: ModelServer) -> None:
    before = path.read_text()
    listed = told(kairos("add", "--discover", server.url, "--json"))
    assert (listed["found"], listed["added"]) == (["org/one", "org/two: b"], [])
    assert path.read_text() == before
    assert "choose with --model or --all" in kairos("add", "--discover", server.url).stdout
    told(kairos("add", "--discover", server.url, "--model", "org/two: b", "--json"))
    assert names(path)[3:] == ["org/two: b"]
    assert told(kairos("check", "org/two: b", "--json"))["ok"] is True
    again = told(kairos("add", "--discover", server.url, "--all", "--json"))
    assert again["added"] == ["org/one"]
    error = told(kairos("add", "--discover", server.url, "--model", "org/three", "--json"), 1)["error"]
    assert error["code"] == "model_unknown"
    assert "it has: org/one, org/two: b" in error["sentence"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "localhost:3", "http://[", "x" * 70_000])
def test_discover_where_nobody_is(kairos: Kairos, url: str) -> None:
    assert told(kairos("add", "--discover", url, "--json"), 1)["error"]["code"] == "discovery_failed"


def test_discover_where_no_model_server_is(kairos: Kairos, server: ModelServer) -> None:
    error = told(kairos("add", "--discover", server.url.removesuffix("/v1"), "--json"), 1)["error"]
    assert error == {
        "code": "discovery_failed",
        "sentence": f"{server.url.removesuffix('/v1')}/models answered with HTTP 404; does the address end in /v1?",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("one",),
        ("one", "--model", "a", "--model", "b"),
        ("--model", "a"),
        ("one", "--model", "a", "--all"),
        ("one", "--discover", "http://127.0.0.1:9/v1"),
    ],
)
def test_misuse_is_told(kairos: Kairos, path: Path, arguments: tuple[str, ...]) -> None:
    before = path.read_text()
    assert kairos("add", *arguments).exit_code == 2
    assert path.read_text() == before


@pytest.mark.parametrize("command", ["list", "check", "add"])
def test_help_has_an_example(kairos: Kairos, command: str) -> None:
    assert f"Example: kairos models {command}" in " ".join(kairos(command, "--help").stdout.split())
