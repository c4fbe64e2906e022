from hypothesis import given, settings
from hypothesis import strategies as st

from tools.chunking.structure import Chunk, chunk, count_words
from tools.parse.assemble import assemble
from tools.parse.document import Block, Document

WORDS = "The keeper walks the gallery every two hours and writes down each ship."  # 13 words


def document(*blocks: Block, title: str = "Handbook") -> Document:
    return assemble(title, "text/plain", blocks)


def heading(text: str, level: int, page: int | None = None) -> Block:
    return Block("heading", text, level, page)


def paragraph(words: int, page: int | None = None) -> Block:
    return Block("paragraph", " ".join([WORDS] * (words // 13)), 0, page)


def assert_sound(source: Document, chunks: list[Chunk], words: int) -> None:
    position = 0
    for ordinal, part in enumerate(chunks):
        assert part.ordinal == ordinal
        assert part.text == source.text[part.start : part.end]
        assert part.text == part.text.strip()
        assert position <= part.start < part.end
        assert source.text[position : part.start].strip() == ""
        assert count_words(part.text) <= words + words // 4
        position = part.end
    assert source.text[position:].strip() == ""


def test_sections_of_level_two_stand_apart_and_name_their_path() -> None:
    source = document(
        heading("Handbook", 1),
        heading("Leave", 2),
        paragraph(60, 1),
        heading("Sick leave", 3),
        paragraph(60, 1),
        heading("Travel", 2, 2),
        paragraph(60, 2),
    )
    leave, travel = chunk(source)
    assert leave.text.startswith("Handbook\n\nLeave\n\nThe keeper")
    assert leave.headings == ("Leave",)
    assert "Sick leave" in leave.text
    assert (travel.headings, travel.page) == (("Travel",), 2)


def test_a_chunk_inside_a_section_names_the_heading_above_it() -> None:
    source = document(heading("Leave", 2), heading("Sick leave", 3), paragraph(600))
    chunks = chunk(source)
    assert [part.headings for part in chunks] == [("Leave", "Sick leave")] * len(chunks)
    sizes = [count_words(part.text) for part in chunks]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 26


def test_tiny_sections_join_their_next_sibling_but_not_the_next_part() -> None:
    tiny = Block("paragraph", "Call 4911.")
    source = document(
        heading("Phones", 1),
        paragraph(60),
        heading("Fire", 2),
        tiny,
        heading("Theft", 2),
        tiny,
        heading("Travel", 1),
        heading("Trains", 2),
        paragraph(60),
    )
    phones, calls, trains = chunk(source)
    assert phones.headings == ("Phones",)
    assert calls.text == "Fire\n\nCall 4911.\n\nTheft\n\nCall 4911."
    assert calls.headings == ("Phones",)
    assert trains.headings == ("Travel", "Trains")


def test_a_heading_never_ends_a_chunk() -> None:
    blocks = [block for number in range(20) for block in (heading(f"Part {number}", 3), paragraph(91))]
    for part in chunk(document(*blocks)):
        assert not part.text.splitlines()[-1].startswith("Part")


def test_a_lead_in_stays_with_its_list() -> None:
    items = Block("list", "\n".join(f"- {WORDS}" for _ in range(8)))
    source = document(paragraph(169), Block("paragraph", "Bring these things:"), items)
    first, second = chunk(source)
    assert "Bring" not in first.text
    assert second.text.startswith("Bring these things:\n\n- The keeper")


def test_rows_of_a_long_table_carry_its_header() -> None:
    rows = "\n".join(f"Grade {number} | {WORDS}" for number in range(60))
    chunks = chunk(document(heading("Pay", 2), Block("table", f"Grade | Duty\n{rows}")))
    assert len(chunks) > 3
    assert chunks[0].text.startswith("Pay\n\nGrade | Duty\nGrade 0 | The")
    assert chunks[0].headings == ("Pay",)
    for part in chunks[1:]:
        assert part.headings == ("Pay", "Header: Grade | Duty")
        assert part.text.startswith("Grade ")
        assert part.text.endswith("ship.")


def test_a_sentence_longer_than_a_chunk_is_cut() -> None:
    source = document(
        Block("paragraph", "word " * 1000), Block("paragraph", "語" * 3000), Block("code", "x" * 9000)
    )
    assert_sound(source, chunk(source), 200)


blocks = st.builds(
    Block,
    kind=st.sampled_from(["heading", "paragraph", "list", "table", "code"]),
    text=st.text(st.sampled_from("ab. :!|-\n\t1é語。\u00a0\u200b"), max_size=300) | st.text(max_size=60),
    level=st.integers(1, 6),
    page=st.none() | st.integers(1, 3),
)


@settings(deadline=None)
@given(st.lists(blocks, max_size=12), st.integers(1, 40))
def test_chunks_hold_all_text_once_in_order_and_within_bounds(parts: list[Block], words: int) -> None:
    source = document(*parts)
    assert_sound(source, chunk(source, words), words)
