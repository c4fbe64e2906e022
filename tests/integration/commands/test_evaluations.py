"""`kairos eval` and `kairos reindex`, as a person types them."""

import json
from pathlib import Path

from tests.fixtures.commands import Here, error, kairos, sentence
from tests.fixtures.embedding_server import embedding_server
from tools.chunking import DEFAULT, STRATEGIES


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
