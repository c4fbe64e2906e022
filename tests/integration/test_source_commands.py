"""`kairos sources`: what is added, shown and removed, what is refused, and what a server does on its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import cli
from state.settings import settings
from tests.fixtures.server import served

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tenant(home: Path, tmp_path: Path) -> str:
    settings.cache_clear()
    return tmp_path.name


def kairos(tenant: str, *arguments: str, code: int = 0) -> Any:
    """The JSON that a command prints, run in this process."""
    result = CliRunner().invoke(cli, [*arguments, "--tenant", tenant, "--json"])
    assert result.exit_code == code, result.output
    if code == 2:
        return " ".join(result.stderr.split())
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "lamp.md").write_text("# Lamps\n\nThe lamp of the hall is green.\n")
    return tmp_path / "docs"


def test_a_source_is_added_read_listed_and_removed_with_all_it_gave(tenant: str, folder: Path) -> None:
    added = kairos(tenant, "sources", "add", str(folder), "--collection", "hall", "--schedule", "30 6 * * *")
    (row,) = kairos(tenant, "sources", "list")["sources"]
    assert (row["id"], row["kind"], row["schedule"]) == (added["source"], "folder", "30 6 * * *")
    assert (row["last_run"], row["next_run"][11:]) == (None, "06:30:00+00:00")
    assert kairos(tenant, "ingest", "--collection", "hall")["added"] == 1
    (row,) = kairos(tenant, "sources", "list", "--collection", "hall")["sources"]
    assert row["files"] == 1
    assert row["last_run"] < row["next_run"]
    assert len(kairos(tenant, "search", "green lamp")["passages"]) == 1
    again = kairos(tenant, "sources", "add", str(folder), "--collection", "hall", "--schedule", "0 7 * * *")
    assert again == added
    assert kairos(tenant, "sources", "remove", str(added["source"])) == {"deleted": 1}
    assert kairos(tenant, "sources", "list") == {"sources": []}
    assert kairos(tenant, "search", "green lamp")["passages"] == []
    gone = kairos(tenant, "sources", "remove", str(added["source"]), code=1)
    assert gone["error"]["code"] == "source_unknown"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["docs", "--schedule", "hourly"], "schedule_invalid", "needs minute, hour, day, month and weekday"),
        (["docs", "--schedule", "99 * * * *"], "schedule_invalid", "minute is wrong"),
        (["ftp://example.org/", "--kind", "urls"], "source_invalid", "http"),
        (["https://ann:hunter2@example.org/", "--kind", "sitemap"], "source_invalid", "user or password"),
        (["https://ann:hunter2@example.org/x.git", "--kind", "git"], "source_invalid", "user or password"),
        (["bucket", "--kind", "s3"], "source_invalid", "s3://bucket/prefix"),
        (
            ["https://example.org/x.git", "--kind", "git", "--option", "tag=1"],
            "source_invalid",
            "no option 'tag'",
        ),
    ],
)
def test_what_cannot_be_a_source_is_refused_before_it_is_stored(
    tenant: str, arguments: list[str], code: str, said: str
) -> None:
    error = kairos(tenant, "sources", "add", *arguments, code=1)["error"]
    assert error["code"] == code
    assert said in error["sentence"]
    assert "hunter2" not in error["sentence"]
    assert kairos(tenant, "sources", "list") == {"sources": []}


def test_misuse_is_told_apart(tenant: str) -> None:
    assert "NAME=VALUE" in kairos(tenant, "sources", "add", "docs", "--option", "branch", code=2)
    assert "add a source" in kairos(tenant, "ingest", "--collection", "empty", code=2)


@pytest.mark.slow
def test_a_server_reads_what_is_due_and_refuses_crons(folder: Path) -> None:
    # Not below pytest's own folder, which is closed to the account that Postgres runs as.
    with TemporaryDirectory(prefix="kairos-home-") as home:
        environment = {**os.environ, "KAIROS_HOME": home}

        def kairos(*arguments: str) -> Any:
            command = [sys.executable, "-m", "app.cli", *arguments, "--json"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
            return json.loads(done.stdout.splitlines()[-1])

        kairos("sources", "add", str(folder), "--collection", "hall", "--schedule", "* * * * *")
        time.sleep(61 - time.time() % 60)
        with served(Path(home)) as server:
            body = {"assistant_id": "ingest", "schedule": "* * * * *", "input": {"collection": "hall"}}
            answer = httpx.post(f"{server.url}/runs/crons", json=body, timeout=30)
            assert answer.status_code == 403
            assert "kairos sources add" in answer.text
            deadline = time.monotonic() + 60
            while not _is_done(kairos("runs", "list")["runs"]) and time.monotonic() < deadline:
                time.sleep(1)
            told = Path(home, "server.log").read_text()
        assert _is_done(kairos("runs", "list")["runs"]), told[-3000:]
        assert "BlockingError" not in told
        assert len(kairos("search", "green lamp")["passages"]) == 1


def _is_done(runs: list[dict[str, Any]]) -> bool:
    return bool(runs) and runs[-1]["status"] == "done"
