import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["The rent is $3.50.", "It rises by 2.5 % a year."],
        ["Dr. Vale met Mrs. Ott in the U.S. Senate.", "They agreed."],
        ["It was made in the U.S.", "The maker is gone."],
        ["See No. 5, Fig. 2 and Sec. 3.2 for more.", "No.", "That is all."],
        ["J. R. Marsh wrote it.", "So did I.", "Then we left."],
        ["Open https://docs.example.org/a.b?c=1.", "Then read e.g. the index, i.e. page one."],
        ['"Stop!" she cried.', "He stopped.", "Why?", "Nobody knows…", "Yet."],
        ["We close at 6 p.m. on Friday.", "We open at 9 a.m.", "The bell rings."],
        ["It is so.[12]", "And so (as shown above.)", "Done"],
        ["Rule one.", "1.5 litres are enough.", "Acme Inc. pays.", "Acme Ltd.", "We thank them."],
        ["今天休息。", "明天工作！", "好"],
    ],
)
def test_sentences_end_at_their_marks_and_not_at_abbreviations(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_lines_end_a_sentence_where_they_are_items_rows_headings_or_paragraphs() -> None:
    expected = [
        "# Heading",
        "A paragraph that is wrapped by hand after about so many\nWords goes on.",
        "Short heading",
        "Its text.",
        "- first item",
        "- second item\n  goes on",
        "1. Apply early.",
        "2. Wait",
        "Item | Amount",
        "Oil | 4 l",
        "3.2 Scope",
        "All staff",
    ]
    text = (
        "# Heading\nA paragraph that is wrapped by hand after about so many\nWords goes on.\n\n"
        "Short heading\nIts text.\n- first item\n- second item\n  goes on\n1. Apply early.\n2. Wait\n\n"
        "Item | Amount\nOil | 4 l\n\n3.2 Scope\n\nAll staff"
    )
    assert sentences(text) == expected


@settings(deadline=None)
@given(st.text(st.sampled_from("aB1.!?。 \n\t|-#\"')[]…\r\u2028\u00a0é"), max_size=200))
def test_spans_are_in_order_without_outer_blanks_and_hold_all_the_rest(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert position <= start < end
        assert text[position:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        position = end
    assert text[position:].strip() == ""


@pytest.mark.parametrize(
    "text", ["." * 200_000, "a.b." * 50_000, "x. " * 50_000, "\n" * 200_000, "x." + "'" * 200_000]
)
def test_long_runs_of_marks_are_read(text: str) -> None:
    assert sentence_spans(text + "end")[-1][1] == len(text) + 3
