"""Server-sent events of model providers, cut anywhere."""

import json
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.models.faults import UpstreamError
from tools.models.sse import DONE, Chunk, chunks


def event(text: str, finish: str | None = None, end: str = "\n\n") -> bytes:
    data = {"id": "1", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}
    return f"data: {json.dumps(data)}{end}".encode()


async def pieces(raw: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    places = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    for start, end in pairwise(places):
        yield raw[start:end]


async def read(raw: bytes, *cuts: int) -> list[Chunk]:
    return [chunk async for chunk in chunks(pieces(raw, list(cuts)))]


def texts(found: list[Chunk]) -> list[str]:
    return [chunk.data["choices"][0]["delta"].get("content", "") for chunk in found if chunk.data]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.lists(st.integers(0, 5000), max_size=8))
async def test_where_the_stream_is_cut_into_pieces_does_not_matter(said: list[str], cuts: list[int]) -> None:
    raw = b"".join(map(event, said)) + event("", "stop") + DONE
    found = await read(raw, *cuts)
    assert texts(found) == [*said, ""]
    assert found[-1].raw == DONE
    assert b"".join(chunk.raw for chunk in found) == raw


async def test_crlf_comments_and_what_comes_after_done() -> None:
    raw = (
        b": ping\r\n\r\n"
        + event("a", end="\r\n\r\n")
        + event("", "stop", end="\r\n\r\n")
        + DONE
        + event("late")
    )
    for cut in range(len(raw)):
        assert texts(await read(raw, cut)) == ["a", ""]


async def test_a_finish_without_done_is_an_end() -> None:
    assert [chunk.data is None for chunk in await read(event("a") + event("", "stop"))] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (event("a"), "cut"),
        (b"", "cut"),
        (b"<html>busy</html>", "bad_answer"),
        (b"data: {broken\n\n", "bad_answer"),
        (b"data: []\n\n", "bad_answer"),
        (b'data: {"choices": "none"}\n\n', "bad_answer"),
        (b'data: {"choices": [{"delta": "text"}]}\n\n', "bad_answer"),
        (b'data: {"error": {"message": "out of memory"}}\n\n', "failed"),
        (b'data: {"error": "out of memory"}\n\n', "failed"),
        (b"data: " + b"x" * 5_000_000, "bad_answer"),
    ],
)
async def test_what_is_no_stream_of_chunks(raw: bytes, kind: str) -> None:
    with pytest.raises(UpstreamError) as failure:
        await read(raw)
    assert failure.value.kind == kind
