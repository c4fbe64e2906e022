"""The command line as people and scripts use it: contracts, exit codes, and one sentence for every failure."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.testing import CliRunner, Result

from app.cli import cli
from app.commands.up import paths
from state.settings import settings
from tests.fixtures.embedding_server import embedding_server
from tests.fixtures.server import free_port
from tools.chunking import DEFAULT, STRATEGIES

ROOT = Path(__file__).resolve().parents[2]
PAGE = "# Leave [/b] [draft]\n\nEvery employee of Brook & Vale has 27 days of paid leave a year.\n"
COMMANDS = ("up", "ingest", "search", "ask", "eval", "doctor", "guard", "reindex", "usage")
REPORT = {"added", "updated", "unchanged", "deleted", "failed", "chunks", "seconds", "failures"}
Here = Callable[..., Result]


def start(home: Path, *arguments: str | bytes, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "KAIROS_HOME": str(home), "COLUMNS": "200", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    said, noted = process.communicate(timeout=120)
    assert "Traceback" not in said + noted
    return process.returncode, said, noted


def kairos(home: Path, *arguments: str | bytes, **variables: str) -> Any:
    """The JSON object that a command prints last, in a process of its own."""
    code, said, noted = ended(start(home, *arguments, "--json", **variables))
    assert code == 0, noted + said
    return json.loads(said.splitlines()[-1])


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """A command in this process, so that many can be tried; what is read once is read again."""
    from tools.embed import embedder
    from tools.guard.policy.watch import policies
    from tools.models.catalog import catalog

    def forget() -> None:
        settings.cache_clear()
        catalog.cache_clear()
        policies.cache_clear()

    def invoke(*arguments: str, **variables: str) -> Result:
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            if any(name.startswith("KAIROS_EMBEDDER") for name in variables):
                patch.setattr(embedder, "_ready", None)
                patch.setattr(embedder, "_load_once", embedder._load.__wrapped__)
            forget()
            result = CliRunner().invoke(cli, arguments)
        forget()
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    monkeypatch.setenv("COLUMNS", "200")
    yield invoke
    forget()


def sentence(result: Result, code: int = 1) -> str:
    """What was said, once: one line on standard error."""
    assert result.exit_code == code, result.output
    if code == 1:
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return " ".join(result.stderr.split())


def error(result: Result) -> str:
    """The code of the one JSON object that a failed command prints."""
    assert result.exit_code == 1, result.output
    (line,) = result.stdout.splitlines()
    told = json.loads(line)["error"]
    assert told["sentence"] in " ".join(result.stderr.split())
    code: str = told["code"]
    return code


@pytest.fixture(scope="module")
def pages(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "leave.md").write_text(PAGE)
    report = kairos(home, "ingest", str(folder), "--tenant", "cli")
    assert report.keys() >= REPORT
    assert (report["added"], report["chunks"], report["failures"]) == (1, 1, [])
    return folder


def test_search_and_ask_keep_their_contracts(home: Path, here: Here, pages: Path) -> None:
    found = kairos(home, "search", "paid leave", "-k", "3", "--tenant", "cli")
    (passage,) = found["passages"]
    assert {"id", "document", "title", "page", "text", "score", "version", "start"} <= passage.keys()
    assert passage["document"] == "leave.md"
    question = "How many days of paid leave do I have?"
    asked = kairos(home, "ask", question, "--tenant", "cli")
    keys = {"answer", "citations", "route", "model", "verdict", "usage", "thread_id", "trace_id", "seconds"}
    assert keys <= asked.keys()
    assert {"document", "title", "page", "quote", "start", "end", "version"} <= asked["citations"][0].keys()
    assert {"supported", "sentences"} <= asked["verdict"].keys()
    assert asked["usage"].keys() == {"input_tokens", "output_tokens", "cost"}
    again = here("ask", question, "--tenant", "cli", "--thread", asked["thread_id"], "--json")
    assert json.loads(again.stdout)["thread_id"] == asked["thread_id"]
    assert here("search", "paid leave", "--tenant", "nobody", "--json").stdout == '{"passages": []}\n'


def test_a_search_explains_its_scores(here: Here, pages: Path) -> None:
    asked = ("search", "paid leave", "--tenant", "cli")
    found = json.loads(here(*asked, "--explain", "--json").stdout)
    assert (found["reranked_by"], found["rerank_error"]) == ("local", None)
    (passage,) = found["passages"]
    assert {"bm25", "cosine"} <= passage["why"].keys()
    assert all(isinstance(value, float) for value in passage["why"].values())
    assert "why" not in here(*asked, "--json").stdout
    shown = here(*asked, "--explain").stdout
    assert all(name in shown for name in passage["why"])
    assert f"{passage['why']['bm25']:.3f}" in shown
    assert here("search", "x", "--tenant", "nobody", "--explain").stdout == "Nothing found.\n"


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        (("--collection", "default"), 1), (("--language", "en"), 1), (("--language", "de"), 0),
        (("--language", "de", "--language", "en"), 1), (("--after", "2026-01-01"), 1), (("--after", "2999-01-01"), 0),
        (("--before", "2026-01-01"), 0), (("--collection", "default", "--before", "2999-01-01", "--explain"), 1),
    ],
)  # fmt: skip
def test_a_search_is_limited_by_what_is_typed(
    here: Here, pages: Path, typed: tuple[str, ...], count: int
) -> None:
    found = here("search", "paid leave", "--tenant", "cli", "--json", *typed).stdout
    assert len(json.loads(found)["passages"]) == count


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("--collection", "nowhere"), "collection_unknown"), (("--collection", ""), "collection_unknown"),
        (("--where", "colour=red"), "filter_unknown"), (("--where", "colour"), "filter_invalid"),
        (("--where", ""), "filter_invalid"), (("--where", "year>=new"), "filter_invalid"),
        (("--after", "yesterday"), "filter_invalid"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_named(here: Here, pages: Path, typed: tuple[str, ...], code: str) -> None:
    assert error(here("search", "paid leave", "--tenant", "cli", "--json", *typed)) == code


def test_a_reranker_that_is_down_is_named(home: Path, pages: Path) -> None:
    asked = ("search", "paid leave", "--tenant", "cli", "--explain")
    down = {"KAIROS_RERANKER": "remote", "KAIROS_RERANKER_URL": "http://127.0.0.1:9/v1"}
    code, said, noted = ended(start(home, *asked, **down))
    assert (code, "leave.md" in said) == (0, True)
    assert "reranker failed (reranker_unavailable)" in " ".join(noted.split())


def test_people_read_titles_and_names_as_they_are(here: Here, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "[").mkdir()
    (tmp_path / "[" / "b] [red].md").write_text("")
    ingested = here("ingest", str(tmp_path), "--tenant", "cli-names")
    assert ingested.exit_code == 1
    assert "0 added" in ingested.stdout
    assert "failed [/b] [red].md is empty." in " ".join(ingested.stderr.split())
    assert "Leave [/b] [draft] (leave.md) " in here("search", "paid leave", "--tenant", "cli").stdout
    told = here("ask", "How many days of paid leave do I have?", "--tenant", "cli").stdout
    assert "[1] Leave [/b] [draft] (leave.md)" in told
    assert "27 days" in told
    assert here("search", "paid leave", "--tenant", "nobody").stdout == "Nothing found.\n"


def test_a_partly_failed_ingest_says_so(here: Here, tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "dogs.md").write_text("# Dogs\n\nDogs are welcome.\n")
    done = here("ingest", str(tmp_path), "--tenant", "cli-2", "--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["added"] == report["failed"] == 1
    assert report["failures"][0]["path"] == "empty.md"


def test_groups_and_sync_reach_the_index(here: Here, tmp_path: Path) -> None:
    (tmp_path / "dogs.md").write_text("# Dogs\n\nDogs are welcome.\n")
    tenant = ("--tenant", "cli-3", "--json")
    assert here("ingest", str(tmp_path), "--groups", " crew, board ,", *tenant).exit_code == 0

    def seen(*more: str) -> int:
        return len(json.loads(here("search", "dogs", *more, *tenant).stdout)["passages"])

    assert (seen(), seen("--groups", "board"), seen("--groups", "staff,crew")) == (0, 1, 1)
    (tmp_path / "dogs.md").unlink()
    assert json.loads(here("ingest", str(tmp_path), *tenant).stdout)["deleted"] == 0
    assert json.loads(here("ingest", str(tmp_path), "--sync", *tenant).stdout)["deleted"] == 1


def test_doctor_finds_all_well(home: Path, pages: Path) -> None:
    checks = kairos(home, "doctor")
    assert checks["ok"]
    names = [check["name"] for check in checks["checks"]]
    assert names == [
        "python",
        "home",
        "database",
        "embedder",
        "index",
        "reranker",
        "reader",
        "passages",
        "models",
        "guards",
    ]


def test_doctor_names_cause_and_mend_of_what_is_wrong(here: Here) -> None:
    broken = {"KAIROS_DATABASE_URL": "postgresql://x@127.0.0.1:1/x", "KAIROS_EMBEDDER": "abacus"}
    done = here(
        "doctor",
        "--json",
        **broken,
        KAIROS_RERANKER="abacus",
        KAIROS_MODELS="/not/there.yaml",
        KAIROS_GUARDS="/not/there",
    )
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    bad = {check["name"]: check["mend"] for check in told["checks"] if not check["ok"]}
    assert not told["ok"]
    assert bad.keys() == {"database", "embedder", "index", "reranker", "passages", "models", "guards"}
    assert all(bad.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(here: Here, command: str) -> None:
    done = here(command, "--help")
    assert done.exit_code == 0
    assert f"kairos {command}" in done.stdout.partition("Example:")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",), ("--nothing",), ("ask",), ("ask", "a", "b"), ("ask", "a", "--tenant"), ("ingest",),
        ("search", "x", "-k", "0"), ("search", "x", "-k", "many"), ("search", "x", "--nothing"), ("up", "--port", "0"),
        ("up", "--port", "70000"), ("eval",), ("eval", "retrieval"), ("eval", "nothing", "--data", "."),
        ("eval", "qa", "--data", ".", "--limit", "0"), ("eval", "qa", "--data", "README.md"),
        ("eval", "qa", "--data", ".", "--chunking", "all"), ("eval", "retrieval", "--data", ".", "--chunking", "no"),
        ("eval", "qa", "--data", ".", "--ablate"), ("eval", "retrieval", "--data", ".", "--plot", "x.svg"),
        ("eval", "retrieval", "--data", ".", "--data", "docs"), ("collections", "set", "cut", "--chunking", "all"),
    ],
)  # fmt: skip
def test_misuse_exits_with_2(here: Here, arguments: tuple[str, ...]) -> None:
    done = here(*arguments)
    assert done.exit_code == 2
    assert done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("question", "says", "code"),
    [
        ("", "empty", "question_empty"),
        ("x" * 9_000, "at most 8,000", "question_too_long"),
        ("a\x07b", "control", "question_control_characters"),
        (os.fsdecode(b"\xff\xfe what"), "UTF-8", "question_not_utf8"),
    ],
)
def test_bad_questions(here: Here, question: str, says: str, code: str) -> None:
    for command in ("ask", "search"):
        assert says in sentence(here(command, question))
        assert error(here(command, question, "--json")) == code


def test_bytes_that_are_not_utf8_are_one_sentence(home: Path, here: Here, pages: Path) -> None:
    code, _, noted = ended(start(home, "ask", b"\xff\xfe what"))
    assert (code, noted) == (1, "kairos: The question is not valid UTF-8 text.\n")
    odd = os.fsdecode(b"caf\xe9")
    for option in ("--tenant", "--groups", "--thread"):
        done = here("ask", "How many days?", option, odd)
        assert done.exit_code == 2
        assert "not valid UTF-8" in done.stderr
    assert error(here("ingest", odd, "--json")) == "path_missing"


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("ask", "How many days?", "--thread", "nobody"), "no conversation 'nobody'", "thread_unknown"),
        (("ask", "How many days?", "--model", "nobody"), "no model 'nobody'", "model_unknown"),
        (("ingest", "/not/there"), "'/not/there' is not there", "path_missing"),
        (("ingest", ""), "it is empty", "path_missing"),
    ],
)
def test_what_is_not_there_is_named(
    here: Here, pages: Path, arguments: tuple[str, ...], says: str, code: str
) -> None:
    assert says in sentence(here(*arguments, "--tenant", "cli"))
    assert error(here(*arguments, "--tenant", "cli", "--json")) == code


def test_the_thread_of_another_is_refused(here: Here, pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = ("ask", "How many days of paid leave do I have?", "--json")
    thread = json.loads(here(*question, "--tenant", "cli").stdout)["thread_id"]
    assert error(here(*question, "--tenant", "cli-4", "--thread", thread)) == "thread_of_another"


@pytest.mark.parametrize(
    ("variables", "says", "code"),
    [
        ({"KAIROS_DATABASE_URL": "postgresql://x:secret@127.0.0.1:1/x"}, "127.0.0.1:1", "database_unavailable"),
        ({"KAIROS_DATABASE_URL": "postgresql://x:secret@nowhere.invalid/x"}, "nowhere.invalid", "database_unavailable"),
        ({"KAIROS_DATABASE_URL": "not a url with secret"}, "KAIROS_DATABASE_URL", "database_unavailable"),
        ({"KAIROS_DATABASE_URL": "mysql://x:secret@127.0.0.1/x"}, "KAIROS_DATABASE_URL", "database_unavailable"),
        ({"KAIROS_POOL_MAX": "secret"}, "KAIROS_POOL_MAX", "config_invalid"),
        ({"KAIROS_INGEST_ROOTS": "/not/a/list"}, "ingest_roots", "config_invalid"),
        ({"KAIROS_EMBEDDER": "abacus"}, "abacus", "embedder_unknown"),
        ({"KAIROS_EMBEDDER": "openai"}, "KAIROS_EMBEDDER_KEY", "embedder_key"),
        ({"KAIROS_MODELS": "/not/there.yaml"}, "/not/there.yaml", "catalog_invalid"),
        ({"KAIROS_MODEL_URL": "http://127.0.0.1:1"}, "KAIROS_MODEL_NAME", "catalog_invalid"),
    ],
)  # fmt: skip
def test_wrong_settings_are_one_sentence(
    here: Here, pages: Path, variables: dict[str, str], says: str, code: str
) -> None:
    done = here("ask", "How many days of leave?", "--tenant", "cli", "--json", **variables)
    assert error(done) == code
    assert says in sentence(done)
    assert "secret" not in done.output


@pytest.mark.parametrize(("field", "says"), [("dbname", "no database nowhere"), ("user", "no user nowhere")])
def test_a_database_or_user_that_is_not_there(here: Here, server: Any, field: str, says: str) -> None:
    from state.postgres import embedded

    url = make_conninfo(embedded.conninfo(server), **{field: "nowhere"})
    assert says in sentence(here("search", "x", KAIROS_DATABASE_URL=url))


def test_a_broken_prompt_is_one_sentence(here: Here, pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prompts import registry

    def broken(name: str) -> registry.Prompt:
        return registry.parse("name: [", Path(f"{name}.yaml"))

    monkeypatch.setattr(registry, "load", broken)
    done = here("ask", "How many days of leave?", "--tenant", "cli", "--json")
    assert error(done) == "config_invalid"
    assert "prompts/answer.yaml, line 1" in sentence(done)


def test_a_home_that_cannot_be_written(here: Here, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for command in (
        ("search", "x"),
        ("up", "--no-sample", "--port", str(free_port())),
        ("ingest", str(tmp_path)),
    ):
        assert str(file) in sentence(here(*command, KAIROS_HOME=str(file / "home")))
    done = here("doctor", "--json", KAIROS_HOME=str(file / "home"))
    assert not {check["name"]: check["ok"] for check in json.loads(done.stdout)["checks"]}["home"]


def test_up_says_why_it_cannot(here: Here) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"Port {port} on 127.0.0.1 cannot be used" in sentence(here("up", "--port", port))
    assert "KAIROS_USERS" in sentence(here("up", "--host", "0.0.0.0"))  # noqa: S104 - refused
    assert "KAIROS_POOL_MAX" in sentence(
        here("up", "--no-sample", "--port", str(free_port()), KAIROS_POOL_MAX="many")
    )


def test_the_server_is_told_paths_in_full(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setenv("KAIROS_GUARDS", "guards")
        patch.setenv("KAIROS_MODELS", "../models.yaml")
        patch.delenv("KAIROS_USERS", raising=False)
        settings.cache_clear()
        told = paths(home)
    settings.cache_clear()
    assert told == {
        "KAIROS_HOME": str(home.resolve()),
        "KAIROS_GUARDS": str(tmp_path / "guards"),
        "KAIROS_MODELS": str(tmp_path.parent / "models.yaml"),
    }


def test_a_guard_policy_with_a_mistake_refuses_the_start(here: Here, tmp_path: Path) -> None:
    policy = tmp_path / "default.yaml"
    policy.write_text("name: default\nrules:\n  - {check: secrets, on: [input], action: sk-pasted}\n")
    for command in ("up", "gateway"):
        told = sentence(here(command, "--port", str(free_port()), KAIROS_GUARDS=str(tmp_path)))
        assert f"{policy}, line 3, rules.0.action: Input should be 'allow'" in told
        assert "sk-pasted" not in told


def test_eval_measures_a_folder_and_names_what_is_wrong_with_it(
    home: Path, here: Here, tmp_path: Path
) -> None:
    folder, out = tmp_path / "set", tmp_path / "report.json"
    (folder / "qrels").mkdir(parents=True)
    command = ("eval", "retrieval", "--data", str(folder), "--limit", "1")
    assert "corpus.jsonl" in sentence(here(*command))
    rows = [{"_id": "a", "title": "Kites", "text": "A kite flies in the wind.", "more": 1}]
    rows.append({"_id": "b", "title": "Boats", "text": "A boat floats on the lake."})
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert "queries.jsonl" in sentence(here(*command))
    queries = [{"_id": name, "text": "what floats on a lake"} for name in ("q", "r")]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text("query-id\tscore\nq\t1\n")
    assert "corpus-id" in sentence(here(*command))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tb\t1\nr\tb\t1\n")
    assert "not/there" in sentence(here(*command, "--out", str(tmp_path / "not" / "there.json")))
    report = kairos(home, *command, "--out", str(out))
    assert report.keys() == {"kind", "data", "n", "seconds", "config", "metrics", "slices"}
    assert report["n"] == 1
    assert report["metrics"]["ndcg@10"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert json.loads(out.read_text()) == report
    twice = ("--data", str(folder), "--ablate")
    report = kairos(home, *command, *twice, "--out", str(out))
    assert (report["data"], report["n"]) == ("set + set", 2)
    assert report["metrics"]["ndcg@10"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert report["slices"]["without mentions"]["metrics"]["contribution"]["value"] == 0
    assert (tmp_path / "report.svg").read_text().startswith("<svg")
    (folder / "corpus.jsonl").write_text('{"_id": "a", "title": "Kites"}')
    assert "'text'" in sentence(here(*command)).replace(" text", "'text'")
    assert "documents.jsonl" in sentence(here("eval", "qa", "--data", str(folder)))


def test_chunkings_are_compared_on_the_places_that_questions_are_about(home: Path, tmp_path: Path) -> None:
    texts = {
        "boats": "A boat floats on the lake until ice comes.",
        "kites": "A kite flies while the wind is up.",
    }
    documents = [{"id": name, "title": name, "text": text} for name, text in texts.items()]
    asked = {"id": "q", "question": "what floats on the lake", "answers": ["boat"], "document_id": "boats"}
    (tmp_path / "documents.jsonl").write_text("\n".join(map(json.dumps, documents)))
    (tmp_path / "questions.jsonl").write_text(json.dumps(asked))
    report = kairos(home, "eval", "retrieval", "--data", str(tmp_path), "--chunking", "all")
    assert list(report["slices"]) == list(STRATEGIES)
    assert report["metrics"] == report["slices"][DEFAULT]["metrics"]
    for part in report["slices"].values():
        figures = {name: measured["value"] for name, measured in part["metrics"].items()}
        assert (figures["ndcg@10"], figures["gold@5"], figures["gold@1000_words"]) == (1, 1, 1)
        assert (figures["words@5"], figures["chunks"]) == (17, 2)


def test_an_unknown_chunking_is_refused_before_anything_is_stored(here: Here) -> None:
    tenant = ("--tenant", "chunkings")
    refused = here("collections", "set", "pages", "--chunking", "fixed", *tenant)
    assert "parent-child" in sentence(refused, 2)
    assert json.loads(here("collections", "list", *tenant, "--json").stdout) == {"collections": []}
    settings = json.loads(
        here("collections", "set", "pages", "--chunking", "parent-child", *tenant, "--json").stdout
    )
    assert (settings["name"], settings["chunking"]) == ("pages", "parent-child")


def test_reindex_mends_a_change_of_embedder(home: Path, here: Here, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "dogs.md").write_text("# Dogs\n\nDogs are welcome.\n")
    with embedding_server(dimensions=8) as url:
        other = {"KAIROS_EMBEDDER": "openai", "KAIROS_EMBEDDER_URL": url, "KAIROS_EMBEDDER_MODEL": "tiny"}
        for command in (("search", "paid leave"), ("ingest", str(tmp_path))):
            assert "kairos reindex" in sentence(here(*command, "--tenant", "cli", **other))
        assert kairos(home, "reindex", **other)["dimensions"] == 8
        found = json.loads(here("search", "paid leave", "--tenant", "cli", "--json", **other).stdout)
        assert found["passages"][0]["document"] == "leave.md"
    assert error(here("search", "paid leave", "--tenant", "cli", "--json")) == "embedder_changed"
    assert json.loads(here("reindex", "--json").stdout)["dimensions"] == 384
    assert here("search", "paid leave", "--tenant", "cli").exit_code == 0


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder of 100 pages."""
    for number in range(100):
        text = f"# Page {number}\n\nRoom {number} has {number + 3} chairs and a view of the harbour.\n"
        (tmp_path / f"{number}.md").write_text(text)
    return tmp_path


def stored(database: str) -> tuple[int, int]:
    """How many documents there are, and how many of them are not whole."""
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM chunks c WHERE c.document = d.id)) "
            "FROM documents d"
        ).fetchone()
    assert row is not None
    return row


def wait_for(database: str, documents: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if stored(database)[0] >= documents:
                return
        except psycopg.errors.UndefinedTable:
            time.sleep(0.02)
    raise AssertionError("nothing was stored")


@contextmanager
def gone(database: str) -> Iterator[None]:
    """Within, every connection to a database is cut, and none can be made."""
    with psycopg.connect(database, dbname="postgres", autocommit=True) as owner:
        name = conninfo_to_dict(database)["dbname"]
        owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def finished(database: str, home: Path, many: Path) -> None:
    """What an ingest left behind is whole, and the next one adds the rest."""
    documents, parts = stored(database)
    assert 3 <= documents < 100
    assert parts == 0
    report = kairos(home, "ingest", str(many), KAIROS_DATABASE_URL=database)
    assert (report["added"], report["unchanged"], report["failed"]) == (100 - documents, documents, 0)
    assert stored(database) == (100, 0)


@pytest.mark.slow
def test_an_ingest_that_is_killed_is_finished_by_the_next(database: str, home: Path, many: Path) -> None:
    process = start(home, "ingest", str(many), KAIROS_DATABASE_URL=database)
    try:
        wait_for(database, 3)
    finally:
        process.kill()
        process.communicate()
    finished(database, home, many)


@pytest.mark.slow
def test_an_ingest_whose_database_goes_away_says_so_and_is_finished_by_the_next(
    database: str, home: Path, here: Here, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("state.postgres.pool.WAIT_S", 1.0)
    done, over = [], threading.Event()

    def cut() -> None:
        wait_for(database, 3)
        with gone(database):
            over.wait(60)

    cutting = threading.Thread(target=cut)
    cutting.start()
    try:
        done.append(here("ingest", str(many), "--json", KAIROS_DATABASE_URL=database))
    finally:
        over.set()
        cutting.join()
    assert error(done[0]) in ("database_failed", "database_unavailable")
    assert sentence(done[0]).startswith("kairos: ")
    finished(database, home, many)


def test_a_full_disk_ends_in_one_sentence(database: str, here: Here, tmp_path: Path) -> None:
    (tmp_path / "dogs.md").write_text("# Dogs\n\nDogs are welcome.\n")
    assert here("doctor", KAIROS_DATABASE_URL=database).exit_code == 0
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file: "
            "No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        owner.execute("CREATE TRIGGER t BEFORE INSERT ON chunks EXECUTE FUNCTION full_disk()")
        done = here("ingest", str(tmp_path), "--json", KAIROS_DATABASE_URL=database)
        assert error(done) == "database_full"
        assert "No space left on device" in sentence(done)
        assert stored(database) == (0, 0)
        owner.execute("DROP TRIGGER t ON chunks")
    assert here("ingest", str(tmp_path), KAIROS_DATABASE_URL=database).exit_code == 0
