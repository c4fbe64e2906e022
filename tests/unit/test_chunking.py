"""What every chunking strategy keeps to, whatever the document."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from state.errors import KairosError
from tools.chunking import STRATEGIES, Chunk, count_words, cut, semantic
from tools.parse.assemble import assemble
from tools.parse.document import Block, Document, Element

WORDS = "The keeper walks the gallery every two hours and writes down each ship."  # 13 words
LARGEST = {"structure": 250, "recursive": 200, "sentence-window": 60, "semantic": 250, "parent-child": 87}

Cut = Callable[[Document, str], list[Chunk]]


class Letters:
    """An embedder without a model: how often each of a few letters occurs."""

    name, dimensions = "letters", 8

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = np.array([[1.0, *(text.count(c) for c in "aeiost|")] for text in texts], np.float32)
        unit: NDArray[np.float32] = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return unit


@pytest.fixture(scope="module")
def chunks() -> "Cut":
    async def letters() -> Letters:
        return Letters()

    def chunks(document: Document, strategy: str) -> list[Chunk]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(semantic, "embedder", letters)
            return asyncio.run(cut(document, strategy))

    return chunks


def document(*blocks: Block) -> Document:
    return assemble("Handbook", "text/plain", blocks)


def assert_sound(source: Document, found: Sequence[Chunk], most: int) -> None:
    position = 0
    for ordinal, part in enumerate(found):
        assert part.ordinal == ordinal
        assert part.text == source.text[part.start : part.end] == part.text.strip()
        assert position <= part.start < part.end
        assert source.text[position : part.start].strip() == ""
        assert 0 <= part.read[0] <= part.start < part.end <= part.read[1] <= len(source.text)
        assert count_words(part.text) <= most
        position = part.end
    assert source.text[position:].strip() == ""


every = pytest.mark.parametrize("strategy", STRATEGIES)

blocks = st.builds(
    Block,
    kind=st.sampled_from(["heading", "paragraph", "list", "table", "code", "caption", "image"]),
    text=st.text(st.sampled_from("ab. :!|-\n\t1é語。\u00a0\u200b"), max_size=300) | st.text(max_size=60),
    level=st.integers(1, 6),
    page=st.none() | st.integers(1, 3),
)


@every
@settings(deadline=None, max_examples=60)
@given(parts=st.lists(blocks, max_size=12), times=st.sampled_from([1, 1, 40]))
def test_chunks_hold_all_text_once_in_order_and_within_bounds(
    chunks: Cut, strategy: str, parts: list[Block], times: int
) -> None:
    source = document(*parts * times)
    assert_sound(source, chunks(source, strategy), LARGEST[strategy])


ODD = {
    "nothing": Document("", "", "text/plain", ()),
    "newlines": Document("", "\n" * 500, "text/plain", (Element("paragraph", 0, 500),)),
    "one_word": document(Block("paragraph", "x" * 100_000)),
    "no_blanks": document(Block("paragraph", "語" * 60_000), Block("code", "か。" * 9_000)),
    "one_line": document(Block("list", "word " * 20_000)),
    "headings": document(*[Block("heading", f"Part {n}", 1 + n % 6) for n in range(400)]),
    "long_heading": document(Block("heading", "word " * 2_000, 1), Block("paragraph", WORDS)),
    "one_row": document(Block("table", " | ".join(["cell"] * 5_000))),
    "bars": document(Block("table", "|" * 2_000 + "\n" + "| " * 2_000 + "\n|\na")),
}


@every
@pytest.mark.parametrize("name", ODD)
def test_odd_documents_are_cut_whole(chunks: Cut, strategy: str, name: str) -> None:
    assert_sound(ODD[name], chunks(ODD[name], strategy), LARGEST[strategy])


@every
def test_chunks_name_the_headings_above_them(chunks: Cut, strategy: str) -> None:
    source = document(
        Block("heading", "Leave", 2),
        Block("heading", "Sick leave", 3),
        Block("paragraph", f"{WORDS} " * 50),
        Block("heading", "Travel", 2),
        Block("paragraph", f"{WORDS} " * 50),
    )
    found = chunks(source, strategy)
    within = [part for part in found if part.start > source.text.index("The keeper")]
    travel = source.text.index("Travel")
    assert len(within) > 4
    for part in within:
        if not part.start <= travel < part.end:
            assert part.headings == (("Travel",) if part.start > travel else ("Leave", "Sick leave"))


@every
def test_a_chunk_begins_on_the_page_its_words_stand_on(chunks: Cut, strategy: str) -> None:
    source = document(*[Block("paragraph", f"{WORDS} " * 20, page=page) for page in (2, 3, 5)])
    assert source.page_starts[2:] == [
        source.elements[1].start,
        source.elements[2].start,
        source.elements[2].start,
    ]
    for part in chunks(source, strategy):
        on = next(e for e in reversed(source.elements) if e.start <= part.start)
        assert part.page == on.page


def rows_of(source: Document, found: Sequence[Chunk]) -> dict[str, list[Chunk]]:
    """The chunks that each row below the header reaches into."""
    table = next(element for element in source.elements if element.kind == "table")
    rows, position = {}, table.start
    for line in source.text[table.start : table.end].split("\n"):
        rows[line] = [part for part in found if part.start < position + len(line) and part.end > position]
        position += len(line) + 1
    return dict(list(rows.items())[1:])


@every
@pytest.mark.parametrize("columns", [2, 12, 60, 300])
def test_a_row_never_loses_the_names_of_its_columns(chunks: Cut, strategy: str, columns: int) -> None:
    names = [f"Measure of station {n:03}" for n in range(columns)]
    rows = [[f"site{row}", *(f"r{row}c{n}" for n in range(1, columns))] for row in range(90)]
    lines = "\n".join(" | ".join(row) for row in [names, *rows])
    source = document(Block("heading", "Readings", 2), Block("table", lines), Block("paragraph", WORDS))
    found = chunks(source, strategy)
    assert_sound(source, found, LARGEST[strategy])
    for line, parts in rows_of(source, found).items():
        cells = line.split(" | ")
        for part in parts:
            seen = "\n".join((*part.headings, part.text))
            assert len(seen) - len(part.text) < 700
            for column, cell in enumerate(cells):
                if f" {cell} " in f" {part.text.replace(chr(10), ' ')} ":
                    assert names[column] in seen
            assert cells[0] in seen


@every
def test_a_wide_row_names_only_the_columns_that_it_fills(chunks: Cut, strategy: str) -> None:
    names = [f"Measure of station {n:03}" for n in range(50)]
    rows = [[f"site{row}"] + [""] * (9 + row) + ["7"] + [""] * (39 - row) for row in range(30)]
    source = document(Block("table", "\n".join(" | ".join(row) for row in [names, *rows])))
    found = [part for part in chunks(source, strategy) if part.text.startswith("site")]
    assert [part.headings for part in found] == [
        (f"Header: {names[0]} | {names[10 + row]}",) for row in range(30)
    ]


@every
@pytest.mark.parametrize("columns", [3, 60])
def test_what_is_read_never_begins_with_rows_of_another_table(
    chunks: Cut, strategy: str, columns: int
) -> None:
    lines = "\n".join(" | ".join(f"cell {row} of column {n}" for n in range(columns)) for row in range(40))
    block = [Block("table", lines), Block("paragraph", f"{WORDS} " * 2), Block("paragraph", f"{WORDS} " * 9)]
    source = document(*block * 3)
    for part in chunks(source, strategy):
        for table in (element for element in source.elements if element.kind == "table"):
            if table.start < part.read[0] < table.end:
                assert table.start < part.start < table.end
                assert columns == 3 or part.read == (part.start, part.end)
                assert columns == 60 or part.headings[-1].startswith("Header: ")


def test_a_long_name_is_cut_rather_than_the_table(chunks: Cut) -> None:
    lines = "\n".join(["Name | " + "how it was measured " * 20, *(f"n{row} | {WORDS}" for row in range(60))])
    found = chunks(document(Block("table", lines)), "structure")
    assert len(found) < 8
    for part in found[1:]:
        assert part.headings[0].startswith("Header: Name | how it was measured how")
        assert len(part.headings[0]) <= 300


def test_windows_read_the_sentences_around_within_the_section(chunks: Cut) -> None:
    sentences = [
        f"Rule {n} says that the keeper walks the gallery every {n} hours of the night." for n in range(30)
    ]
    source = document(
        Block("heading", "Night", 2),
        Block("paragraph", " ".join(sentences)),
        Block("heading", "Day", 2),
        Block("paragraph", f"{WORDS} " * 20),
    )
    found = chunks(source, "sentence-window")
    (middle,) = [part for part in found if sentences[15] in part.text]
    read = source.text[slice(*middle.read)]
    assert sentences[12] in read
    assert sentences[18] in read
    assert len(read) > 2 * len(middle.text)
    day = source.text.index("Day")
    assert all(part.read[1] <= day or part.read[0] >= day for part in found)


def test_children_of_a_parent_read_the_same_span(chunks: Cut) -> None:
    source = document(*[Block("paragraph", f"{WORDS} " * 10) for _ in range(20)])
    found = chunks(source, "parent-child")
    parents = sorted({part.read for part in found})
    assert len(found) >= 3 * len(parents) > 10
    assert all(a[1] <= b[0] for a, b in pairwise(parents))
    assert all(200 < count_words(source.text[slice(*read)]) <= 375 for read in parents)


def test_a_topic_that_changes_ends_a_semantic_chunk(chunks: Cut) -> None:
    tides = " ".join(f"At noon on day {n} the tide at pier {n} is at its lowest mark." for n in range(10))
    cells = " ".join(f"Zzz {n} xx yy zz qq ww kk vv bb nn mm." for n in range(10))
    source = document(Block("paragraph", tides + " " + cells))
    assert source.text.index("Zzz 0") in {part.start for part in chunks(source, "semantic")}


def test_recursive_joins_paragraphs_and_cuts_long_ones_at_sentences(chunks: Cut) -> None:
    short = Block("paragraph", f"{WORDS} " * 5)
    source = document(short, short, short, Block("paragraph", f"{WORDS} " * 40))
    found = chunks(source, "recursive")
    assert [count_words(part.text) for part in found] == [195, 195, 195, 130]
    assert all(part.text.endswith("ship.") for part in found)


async def test_an_unknown_strategy_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(
        KairosError, match="'fixed'; there are structure, recursive, sentence-window"
    ) as error:
        await cut(ODD["nothing"], "fixed")
    assert error.value.code == "chunking_unknown"


@every
@pytest.mark.slow
def test_five_megabytes_are_cut(chunks: Cut, strategy: str) -> None:
    # Anything quadratic in the text, its elements or one table would take hours here.
    rows = "\n".join(f"Grade {n} | {WORDS}" for n in range(20_000))
    wide = "\n".join(
        [" | ".join(f"Name of column {n}" for n in range(40)), *[" | ".join("abcdefgh" * 5)] * 5_000]
    )
    parts = [
        b
        for n in range(6_000)
        for b in (Block("heading", f"Part {n}", 3), Block("paragraph", f"{WORDS} " * 3))
    ]
    source = document(
        Block("table", rows), Block("table", wide), *parts, Block("paragraph", f"{WORDS} " * 15_000)
    )
    assert len(source.text) > 5_000_000 - 300_000
    assert_sound(source, chunks(source, strategy), LARGEST[strategy])
