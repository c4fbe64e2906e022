"""The server `knowledge`: what each caller finds, reads and lists."""

import asyncio
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference

from state.identity import Identity
from tests.fixtures.mcp_clients import client
from tests.fixtures.our_servers import (
    MODES,
    OPEN,
    SECRET,
    call,
    refusal,
)


@pytest.mark.parametrize("mode", MODES)
async def test_everybody_finds_and_reads_what_they_may_see(
    url: str, people: dict[str, Identity], stored: None, mode: str
) -> None:
    async with (
        client(url, "knowledge", people["ann"].principal, mode) as ann,
        client(url, "knowledge", people["bob"].principal, mode) as bob,
        client(url, "knowledge", people["stranger"].principal, mode) as mallory,
    ):
        listed = {doc["document"]: doc for doc in (await call(ann, "list_documents"))["documents"]}
        assert set(listed) == {"leave.txt", "pay.txt"}
        assert [doc["document"] for doc in (await call(bob, "list_documents"))["documents"]] == ["leave.txt"]
        assert (await call(mallory, "list_documents"))["documents"] == []
        assert (await call(bob, "list_collections"))["collections"][0]["documents"] == 1
        assert (await call(mallory, "list_collections"))["collections"] == []
        (found,) = (await call(ann, "search", query="the salary band of a director", limit=1))["passages"]
        assert found["text"] == SECRET
        texts = [one["text"] for one in (await call(bob, "search", query="salary band"))["passages"]]
        assert SECRET not in texts
        pay = listed["pay.txt"]
        read = await call(ann, "read_document", document_id=pay["document_id"], first_page=2)
        assert (read["text"], read["page"], read["next_start"]) == (SECRET[20:], 2, None)
        said = await refusal(bob, "read_document", document_id=pay["document_id"])
        assert said == await refusal(mallory, "read_document", document_id=pay["document_id"])
        assert said.endswith("that you may see. [document_unknown]")
        assert [str(one.uri) for one in (await bob.list_resources()).resources] == [
            listed["leave.txt"]["uri"]
        ]
        assert (await ann.read_resource(pay["uri"])).contents[0].text == SECRET  # type: ignore[union-attr]
        part = await ann.read_resource(found["uri"].replace("/0/", "/4/"))
        assert part.contents[0].text == SECRET[4:]  # type: ignore[union-attr]
        with pytest.raises(MCPError, match="document_unknown"):
            await bob.read_resource(pay["uri"])
        prompt = await ann.get_prompt("summarise_document", {"document_id": str(pay["document_id"])})
        assert prompt.messages[0].content.resource.text == SECRET  # type: ignore[union-attr]
        for wrong in (str(pay["document_id"]), "none"):
            with pytest.raises(MCPError, match="document_unknown"):
                await bob.get_prompt("summarise_document", {"document_id": wrong})
        prompt = await bob.get_prompt("ask_with_citations", {"question": "Why?", "collection": "default"})
        assert "in the collection default" in prompt.messages[0].content.text  # type: ignore[union-attr]
        reference = PromptReference(type="ref/prompt", name="ask_with_citations")
        for opened, names in ((bob, ["default"]), (mallory, [])):
            argument = {"name": "collection", "value": "DEF"}
            assert (await opened.complete(reference, argument)).completion.values == names


@pytest.mark.parametrize("mode", MODES)
async def test_callers_at_once_are_not_taken_for_each_other(
    url: str, people: dict[str, Identity], stored: None, mode: str
) -> None:
    async with (
        client(url, "knowledge", people["ann"].principal, mode) as ann,
        client(url, "knowledge", people["bob"].principal, mode) as bob,
    ):
        calls = [call(one, "list_documents") for _ in range(20) for one in (ann, bob)]
        found = [len(done["documents"]) for done in await asyncio.gather(*calls)]
    assert found == [2, 1] * 20


async def test_lists_come_in_pages(url: str, people: dict[str, Identity], stored: None) -> None:
    async with client(url, "knowledge", people["ann"].principal) as ann:
        first = await call(ann, "list_documents", limit=1)
        assert len(first["documents"]) == 1
        second = await call(ann, "list_documents", limit=1, cursor=first["next_cursor"])
        assert second["documents"] != first["documents"]
        assert second["next_cursor"] is None
        assert "cursor_invalid" in await refusal(ann, "list_documents", cursor="nonsense")
        with pytest.raises(MCPError, match="none of ours"):
            await ann.list_resources(cursor="bm9uc2Vuc2U")
        identifier = first["documents"][0]["document_id"]
        parts, start = [], 0
        while start is not None:
            read = await call(ann, "read_document", document_id=identifier, start=start, length=10)
            parts.append(read["text"])
            start = read["next_start"]
        assert "".join(parts) in (OPEN, SECRET)
        for wrong, code in (
            ({"first_page": 3}, "pages_unknown"),
            ({"start": 9999}, "span_unknown"),
            ({"version": 7}, "document_unknown"),
        ):
            assert code in await refusal(ann, "read_document", document_id=identifier, **wrong)


@pytest.mark.parametrize("name", ["knowledge", "platform"])
async def test_results_are_what_their_schemas_promise(
    url: str, people: dict[str, Identity], stored: None, name: str
) -> None:
    given: dict[str, dict[str, Any]] = {
        "search": {"query": "paid leave"},
        "list_collections": {},
        "list_documents": {},
        "list_pending_approvals": {},
        "ask": {"question": "How many days of paid leave do I have?"},
    }
    async with client(url, name, people["ann"].principal) as ann:
        tools = {tool.name: tool for tool in (await ann.list_tools()).tools}
        for tool in tools.values():
            assert tool.annotations is not None
            assert tool.description
            assert "Raises" not in tool.description
            Draft202012Validator.check_schema(tool.input_schema)
            assert tool.output_schema is not None
            Draft202012Validator.check_schema(tool.output_schema)
        for called in given.keys() & tools.keys():
            found = await call(ann, called, **given[called])
            Draft202012Validator(tools[called].output_schema).validate(found)
        reading = [
            tool.name for tool in tools.values() if tool.annotations and tool.annotations.read_only_hint
        ]
    expected = {"knowledge": set(tools), "platform": {"follow", "list_pending_approvals"}}
    assert set(reading) == expected[name]
