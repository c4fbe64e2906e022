"""The command line as people and scripts use it: contracts, exit codes, and one sentence for every failure."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.embedding_server import embedding_server

ROOT = Path(__file__).resolve().parents[2]
PAGE = "# Leave\n\nEvery employee of Brook & Vale has 27 days of paid leave a year.\n"
COMMANDS = ("up", "ingest", "search", "ask", "eval", "doctor", "reindex")


def kairos(home: Path, *arguments: str | bytes, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "KAIROS_HOME": str(home), "COLUMNS": "200", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def result(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def sentence(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def pages(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "leave.md").write_text(PAGE)
    report = result(kairos(home, "ingest", str(folder), "--tenant", "cli", "--json"))
    assert report.keys() == {
        "added",
        "updated",
        "unchanged",
        "deleted",
        "failed",
        "chunks",
        "seconds",
        "failures",
    }
    assert (report["added"], report["chunks"], report["failures"]) == (1, 1, [])
    return folder


def test_search_and_ask_keep_their_contracts(home: Path, pages: Path) -> None:
    found = result(kairos(home, "search", "paid leave", "-k", "3", "--tenant", "cli", "--json"))
    (passage,) = found["passages"]
    assert {"id", "document", "title", "page", "text", "score"} <= passage.keys()
    assert passage["document"] == "leave.md"
    question = "How many days of paid leave do I have?"
    asked = result(kairos(home, "ask", question, "--tenant", "cli", "--json"))
    keys = {"answer", "citations", "route", "model", "verdict", "usage", "thread_id", "trace_id", "seconds"}
    assert keys <= asked.keys()
    assert {"document", "title", "page", "quote", "start", "end"} <= asked["citations"][0].keys()
    assert {"supported", "sentences"} <= asked["verdict"].keys()
    assert asked["usage"].keys() == {"input_tokens", "output_tokens", "cost"}
    again = result(kairos(home, "ask", question, "--tenant", "cli", "--thread", asked["thread_id"], "--json"))
    assert again["thread_id"] == asked["thread_id"]
    assert result(kairos(home, "search", "paid leave", "--tenant", "nobody", "--json"))["passages"] == []


def test_a_partly_failed_ingest_says_so(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("")
    done = kairos(home, "ingest", str(tmp_path), "--tenant", "cli-2", "--json")
    assert done.returncode == 1
    (failure,) = json.loads(done.stdout.splitlines()[-1])["failures"]
    assert failure["path"] == "empty.md"


def test_doctor_finds_all_well(home: Path, pages: Path) -> None:
    checks = result(kairos(home, "doctor", "--json"))
    assert checks["ok"]
    assert {check["name"] for check in checks["checks"]} >= {
        "python",
        "home",
        "database",
        "embedder",
        "models",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(home: Path, command: str) -> None:
    done = kairos(home, command, "--help")
    assert done.returncode == 0
    assert "Example:" in done.stdout


@pytest.mark.parametrize(
    "arguments", [("ask",), ("search", "x", "-k", "0"), ("nothing",), ("eval", "retrieval")]
)
def test_misuse_exits_with_2(home: Path, arguments: tuple[str, ...]) -> None:
    sentence(kairos(home, *arguments), 2)


@pytest.mark.parametrize(
    ("question", "says"),
    [("", "empty"), ("x" * 9_000, "at most 8,000"), ("a\x07b", "control"), (b"\xff\xfe what", "UTF-8")],
)
def test_bad_questions(home: Path, question: str | bytes, says: str) -> None:
    assert says in sentence(kairos(home, "ask", question))
    assert says in sentence(kairos(home, "search", question))


def test_an_unknown_thread_and_a_missing_path(home: Path) -> None:
    assert "no conversation" in sentence(kairos(home, "ask", "How many days?", "--thread", "nobody"))
    done = kairos(home, "ingest", "/not/there", "--json")
    assert "/not/there" in sentence(done)
    assert json.loads(done.stdout.splitlines()[-1])["error"]["code"] == "path_missing"


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"KAIROS_DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/x"}, "127.0.0.1:1"),
        ({"KAIROS_DATABASE_URL": "not a url"}, "KAIROS_DATABASE_URL"),
        ({"KAIROS_POOL_MAX": "many"}, "KAIROS_POOL_MAX"),
        ({"KAIROS_EMBEDDER": "abacus"}, "abacus"),
        ({"KAIROS_MODELS": "/not/there.yaml"}, "/not/there.yaml"),
    ],
)
def test_wrong_settings_are_one_sentence(
    home: Path, pages: Path, variables: dict[str, str], says: str
) -> None:
    said = sentence(kairos(home, "ask", "How many days of leave?", "--tenant", "cli", **variables))
    assert says in said
    assert "secret" not in said


def test_a_home_that_cannot_be_written(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert str(file) in sentence(kairos(file / "home", "search", "x"))


def test_a_taken_port(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"Port {port}" in sentence(kairos(home, "up", "--port", port))


def test_the_network_needs_users(home: Path) -> None:
    assert "KAIROS_USERS" in sentence(kairos(home, "up", "--host", "0.0.0.0"))  # noqa: S104 - refused


def test_eval_measures_a_folder_and_names_what_is_wrong_with_it(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": "a", "title": "Kites", "text": "A kite flies in the wind.", "more": 1}]
    rows.append({"_id": "b", "title": "Boats", "text": "A boat floats on the lake."})
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert "queries.jsonl" in sentence(kairos(home, "eval", "retrieval", "--data", str(folder)))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "what floats on a lake"}))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tb\t1\n")
    out = tmp_path / "report.json"
    report = result(kairos(home, "eval", "retrieval", "--data", str(folder), "--out", str(out), "--json"))
    assert {"kind", "data", "n", "seconds", "config", "metrics", "slices"} == report.keys()
    assert report["metrics"]["ndcg@10"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert json.loads(out.read_text()) == report
    (folder / "qrels" / "test.tsv").write_text("query-id\tscore\nq\t1\n")
    assert "corpus-id" in sentence(kairos(home, "eval", "retrieval", "--data", str(folder)))


def test_reindex_mends_a_change_of_embedder(home: Path, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "dogs.md").write_text("# Dogs\n\nDogs may come on Wednesdays.\n")
    with embedding_server(dimensions=8) as url:
        other = {"KAIROS_EMBEDDER": "openai", "KAIROS_EMBEDDER_URL": url, "KAIROS_EMBEDDER_MODEL": "tiny"}
        other["KAIROS_EMBEDDER_KEY"] = "none"
        for command in (("search", "paid leave"), ("ingest", str(tmp_path))):
            assert "kairos reindex" in sentence(kairos(home, *command, "--tenant", "cli", **other))
        assert result(kairos(home, "reindex", "--json", **other))["dimensions"] == 8
        found = result(kairos(home, "search", "paid leave", "--tenant", "cli", "--json", **other))
        assert found["passages"][0]["document"] == "leave.md"
    assert "kairos reindex" in sentence(kairos(home, "search", "paid leave", "--tenant", "cli"))
    assert result(kairos(home, "reindex", "--json"))["dimensions"] == 384
