"""What `kairos mcp config` prints: the form that each client reads, and never a secret."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from app.cli import cli
from app.mcp_config import CLIENTS, configured
from state.settings import settings

NAMES = ("knowledge", "platform")
URL = "http://localhost:2024/"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KAIROS_HOME", str(tmp_path))
    monkeypatch.setenv("KAIROS_MODEL_KEY", "sk-very-secret")
    monkeypatch.setenv("KAIROS_DATABASE_URL", "postgresql://ann:secret@localhost/kairos")
    settings.cache_clear()
    yield
    settings.cache_clear()


def block(client: str, url: str | None = None, tenant: str = "default", groups: str = "") -> dict[str, Any]:
    text = configured(client, NAMES, url, tenant, groups)
    assert "secret" not in text
    found: dict[str, Any] = yaml.safe_load(text) if client == "librechat" else json.loads(text)
    return found


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_given_commands_with_full_paths(client: str, tmp_path: Path) -> None:
    (servers,) = block(client, tenant="acme", groups="hr,it").values()
    assert set(servers) == {"kairos-knowledge", "kairos-platform"}
    entry = servers["kairos-platform"]
    assert entry["command"] == sys.executable
    assert entry["args"][-6:] == ["serve", "platform", "--tenant", "acme", "--groups", "hr,it"]
    assert entry["env"]["KAIROS_HOME"] == str(tmp_path)
    assert (Path(entry["env"]["PYTHONPATH"]) / "app" / "cli.py").is_file()


@pytest.mark.parametrize("client", sorted(CLIENTS.keys() - {"claude-desktop"}))
def test_a_running_server_is_named_by_its_address(client: str) -> None:
    (servers,) = block(client, URL).values()
    entry = servers["kairos-knowledge"]
    assert entry["url"] == "http://localhost:2024/mcp/knowledge"
    assert entry["headers"]["Authorization"].startswith("Bearer ")
    assert "command" not in entry


def test_each_has_its_own_form() -> None:
    assert list(block("vscode")) == ["servers"]
    assert list(block("cursor")) == list(block("librechat")) == ["mcpServers"]
    assert block("claude-code", URL)["mcpServers"]["kairos-platform"]["type"] == "http"
    assert block("librechat", URL)["mcpServers"]["kairos-platform"]["type"] == "streamable-http"
    assert "type" not in block("generic", URL)["mcpServers"]["kairos-platform"]
    desktop = block("claude-desktop", URL)["mcpServers"]["kairos-knowledge"]
    assert desktop["command"] == "npx"
    assert all(" " not in argument for argument in desktop["args"])


def test_the_command_prints_the_block_alone_on_standard_output() -> None:
    done = CliRunner().invoke(cli, ["mcp", "config", "--client", "claude-desktop"])
    assert done.exit_code == 0
    assert list(json.loads(done.stdout)) == ["mcpServers"]
    assert "claude_desktop_config.json" in done.stderr
    assert "KAIROS_DATABASE_URL, KAIROS_MODEL_KEY" in done.stderr
    assert "secret" not in done.output


def test_the_servers_are_listed() -> None:
    done = CliRunner().invoke(cli, ["mcp", "list", "--json"])
    assert [row["name"] for row in json.loads(done.stdout)["servers"]] == list(NAMES)


def test_no_other_server_is_served() -> None:
    assert CliRunner().invoke(cli, ["mcp", "serve", "secrets"]).exit_code == 2
