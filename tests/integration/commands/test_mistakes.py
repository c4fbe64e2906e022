"""Misuse and wrong settings: one sentence, and an exit code."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from app.commands.up import paths
from state.settings import settings
from tests.fixtures.commands import Here, ended, error, sentence, start
from tests.fixtures.server import free_port

COMMANDS = ("up", "ingest", "search", "ask", "eval", "doctor", "guard", "reindex", "usage")


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
