"""`kairos tools`, as a person types it, and Python with documents of the asker."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from state.errors import KairosError
from state.identity import Identity
from state.postgres.documents import DocumentRow
from state.settings import settings
from tests.fixtures.stored import chunk_row, document_at, put
from tools.builtin.python import python
from tools.builtin.settings import Python, chosen


def kairos(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["tools", *arguments])


def last(done: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(autouse=True)
def _no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAIROS_TOOLS", raising=False)
    settings.cache_clear()
    chosen.cache_clear()


def test_list_says_what_there_is() -> None:
    assert "builtin.calculator" in kairos("list").stdout
    tools = last(kairos("list", "--json"))["tools"]
    assert {tool["name"]: tool["risk"] for tool in tools} == {
        "builtin.calculator": "read", "builtin.date_time": "read", "builtin.python": "read"
    }  # fmt: skip
    assert tools[0]["parameters"]["required"] == ["expression"]


def test_call_shows_the_answer() -> None:
    assert kairos("call", "calculator", '{"expression": "2 * 21"}').stdout == "42\n"
    found = last(
        kairos("call", "builtin.python", '{"code": "print(x)\\nx + 1", "inputs": {"x": 1}}', "--json")
    )
    assert found["text"] == "1\n2"
    assert found["structured"]["value"] == 2


def test_a_failure_is_a_sentence_and_an_exit_code() -> None:
    for arguments in (["call", "nope"], ["call", "calculator", "{"], ["call", "calculator", "{}"]):
        done = kairos(*arguments, "--json")
        assert done.exit_code == 1
        assert last(done)["error"]["code"].startswith("tool_")
    failed = kairos("call", "python", '{"code": "1 / 0"}', "--json")
    assert failed.exit_code == 1
    assert last(failed)["is_error"]
    assert "ZeroDivisionError" in last(failed)["text"]


def test_the_file_decides_and_its_mistakes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tools.yaml"
    path.write_text("python: {enabled: false}")
    monkeypatch.setenv("KAIROS_TOOLS", str(path))
    settings.cache_clear()
    chosen.cache_clear()
    assert len(last(kairos("list", "--json"))["tools"]) == 2
    assert last(kairos("grant", "--json"))["error"]["code"] == "tools_invalid"
    path.write_text("pyton: {}")
    chosen.cache_clear()
    assert last(kairos("list", "--json"))["error"]["code"] == "tools_invalid"
    settings.cache_clear()
    chosen.cache_clear()


async def test_code_reads_the_documents_that_its_asker_may_read(pool: object) -> None:
    ada, eve = Identity("tools", "ada", ("hr",)), Identity("tools", "eve")
    text = "Ada earns 100."
    row = DocumentRow(
        "", "/pay.txt", "pay.txt", "", "text/plain", text, text.encode(), chunks=[chunk_row(text)]
    )
    await put(ada, row, ["hr"])
    number = await document_at(ada, "/pay.txt")
    tool = python(Python())
    arguments = {"code": f"open('/files/{number}.txt').read()", "documents": [number]}
    assert (await tool.call(arguments, ada)).structured["value"] == "Ada earns 100."
    for asker in (eve, Identity("others", "ada", ("hr",))):
        with pytest.raises(KairosError) as refused:
            await tool.call(arguments, asker)
        assert refused.value.code == "document_unknown"


async def test_the_sample_workplace_is_ready_to_be_tried(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed(*words: str) -> Result:
        return CliRunner().invoke(cli, [*words, "--tenant", "sample"])

    file = Path(last(kairos("sample", "--json"))["file"])
    assert last(kairos("sample", "--json"))["error"]["code"] == "file_exists"
    monkeypatch.setenv("KAIROS_TOOLS", str(file))
    settings.cache_clear()
    chosen.cache_clear()
    task = 'Book the room Rockall tomorrow from 10:00 to 11:00 with the title "Review".'
    found = last(await asyncio.to_thread(typed, "act", task, "--json"))
    assert found["ending"] == "waiting"
    (row,) = last(await asyncio.to_thread(typed, "approvals", "list", "--json"))["approvals"]
    assert row["arguments"]["room"] == "Rockall"
    assert row["id"][:8] in (await asyncio.to_thread(typed, "approvals", "list")).stdout
    shown = await asyncio.to_thread(typed, "approvals", "show", row["id"][:8])
    assert "title: Review" in shown.stdout
    done = await asyncio.to_thread(typed, "approvals", "accept", row["id"][:8])
    assert "person: aoife.keane" in done.stdout
    again = last(await asyncio.to_thread(typed, "approvals", "accept", row["id"], "--json"))
    assert again["error"]["code"] == "approval_decided"
    for wrong, code in (("zz", 2), ("f" * 36, 2), ("abcd", 1)):
        assert (await asyncio.to_thread(typed, "approvals", "accept", wrong)).exit_code == code
    await asyncio.to_thread(file.unlink)
