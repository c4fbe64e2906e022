"""What commands print for people and for scripts."""

import json
from pathlib import Path

import pytest

from tests.fixtures.commands import Here, ended, error, kairos, start


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
