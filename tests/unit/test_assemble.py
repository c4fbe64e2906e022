"""From ranked passages to those that are read: no repetition, a budget, one text for what overlaps, an order."""

import pytest

from state.passages import PassageData
from tools.assemble.distinct import distinct, new_facts, shingles
from tools.assemble.fit import cut, fit
from tools.assemble.join import join
from tools.assemble.order import order
from tools.assemble.tokens import estimate_tokens

RULES = (
    "The keeper lights the lamp at dusk, trims the wick at midnight and writes the weather into the log. " * 2
)
PAGES = "One two three. Four five six. Seven eight nine."


def passage(
    number: int,
    text: str,
    document: int = 1,
    start: int = 0,
    score: float = 0.0,
    page: int | None = None,
    page_starts: tuple[int, ...] = (),
    version: int = 1,
    headings: tuple[str, ...] = (),
) -> PassageData:
    return PassageData(
        id=str(number),
        merged=[],
        document_id=document,
        version=version,
        document=f"{document}.md",
        title="T",
        text=text,
        start=start,
        page=page,
        page_starts=list(page_starts),
        headings=list(headings),
        score=score,
    )


def ids(passages: list[PassageData]) -> list[str]:
    return [found["id"] for found in passages]


def test_shingles_are_runs_of_three_words() -> None:
    assert shingles("One two, THREE four") == {("one", "two", "three"), ("two", "three", "four")}
    assert shingles("One") == {("one",)}
    assert shingles("🐌") == {()}


def test_of_twenty_copies_one_is_read_and_names_the_others() -> None:
    (kept,) = distinct([passage(n, RULES, document=n) for n in range(20)])
    assert kept["id"] == "0"
    assert kept["also_in"] == [f"{n}.md" for n in range(1, 20)]


def test_a_shorter_copy_is_left_out_and_a_longer_one_is_not() -> None:
    longer = RULES + "Nobody may swim from the rocks below the tower while the fog horn sounds."
    assert ids(distinct([passage(1, longer), passage(2, RULES)])) == ["1"]
    assert ids(distinct([passage(2, RULES), passage(1, longer)])) == ["2", "1"]


@pytest.mark.parametrize("change", [("midnight", "3:30"), ("the log", "Ida's log")])
def test_pages_of_one_form_that_differ_in_a_number_or_a_name_are_all_read(change: tuple[str, str]) -> None:
    text = RULES * 3
    other = text.replace(*change, 1)
    assert len(shingles(text) & shingles(other)) > 0.8 * len(shingles(other))
    assert ids(distinct([passage(1, text, document=1), passage(2, other, document=2)])) == ["1", "2"]


def test_new_facts_are_numbers_and_names() -> None:
    assert new_facts("Pay 20 EUR to Ida at once", "pay ida") == {"20", "EUR", "Ida"}
    assert new_facts("Once more", "more") == set()


def test_copies_in_one_document_name_no_other() -> None:
    (kept,) = distinct([passage(1, RULES), passage(2, RULES, start=900)])
    assert "also_in" not in kept


def test_a_budget_counts_passages_and_tokens() -> None:
    ranked = [passage(n, "x" * 30) for n in range(9)]
    assert ids(fit(ranked, 4, 1000)) == ["0", "1", "2", "3"]
    assert ids(fit(ranked, 9, 35)) == ["0", "1", "2"]
    assert fit([], 9, 35) == []


def test_what_does_not_fit_ends_the_reading() -> None:
    ranked = [passage(1, "x" * 30), passage(2, "x" * 90), passage(3, "x")]
    assert ids(fit(ranked, 9, 20)) == ["1"]


def test_one_passage_that_is_too_long_is_cut_at_the_end_of_a_sentence() -> None:
    whole = passage(1, PAGES, start=100, page=3, page_starts=(115, 130))
    (kept,) = fit([whole, passage(2, "x")], 9, 12)
    assert kept["text"] == "One two three. Four five six."
    assert (kept["start"], kept["page"], kept["page_starts"]) == (100, 3, [115])


@pytest.mark.parametrize(
    ("text", "tokens", "left"),
    [
        ("word " * 30, 4, "word word"),
        ("x" * 90, 10, "x" * 30),
        ("狗" * 90, 10, "狗" * 10),
        ("狗" * 9, 1, "狗"),
    ],
)
def test_a_sentence_that_is_too_long_is_cut_between_words_or_letters(
    text: str, tokens: int, left: str
) -> None:
    assert cut(passage(1, text), tokens)["text"] == left


def test_tokens_are_not_underestimated() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("Dogs are welcome.") == 6
    assert estimate_tokens("狗欢迎") == 3
    assert estimate_tokens("\ud800") == 1


def test_overlapping_passages_become_one_at_the_place_of_the_best() -> None:
    text = "".join(chr(97 + n % 26) for n in range(300))
    found = join(
        [
            passage(9, "other", document=2, score=0.9),
            passage(2, text[80:180], start=80, score=0.8, page=2, page_starts=(150,), headings=("B",)),
            passage(1, text[:100], start=0, score=0.5, page=1, page_starts=(60,), headings=("A",)),
            passage(3, text[170:190], start=170, score=0.4, page=3),
        ]
    )
    assert ids(found) == ["9", "2"]
    assert found[1]["text"] == text[:190]
    assert (found[1]["start"], found[1]["page"], found[1]["page_starts"]) == (0, 1, [60, 150])
    assert (found[1]["score"], found[1]["headings"]) == (0.8, ["A"])
    assert sorted(found[1]["merged"]) == ["1", "3"]


def test_a_passage_inside_another_adds_nothing_to_its_text() -> None:
    (found,) = join([passage(1, "abcdef", start=10), passage(2, "cd", start=12)])
    assert (found["text"], found["start"], found["merged"]) == ("abcdef", 10, ["2"])


def test_what_touches_or_is_of_another_version_or_document_stays_apart() -> None:
    ranked = [
        passage(1, "abc"),
        passage(2, "def", start=3),
        passage(3, "abc", version=2),
        passage(4, "abc", document=2),
    ]
    assert join(ranked) == ranked


def test_a_row_keeps_the_header_that_its_first_part_carries() -> None:
    header = "Header: Berth | Fee"
    rows = ["Osprey | 310\nHeron | 290", "Heron | 290\nTern | 200"]
    (found,) = join(
        [
            passage(2, rows[1], start=13, score=0.9, headings=("Fees", header)),
            passage(1, rows[0], headings=("Fees", header)),
        ]
    )
    assert found["headings"] == ["Fees", header]
    assert found["text"] == "Osprey | 310\nHeron | 290\nTern | 200"


@pytest.mark.parametrize(
    ("count", "read"),
    [
        (0, []),
        (1, ["0"]),
        (2, ["0", "1"]),
        (5, ["0", "2", "4", "3", "1"]),
        (6, ["0", "2", "4", "5", "3", "1"]),
    ],
)
def test_the_worst_stand_in_the_middle(count: int, read: list[str]) -> None:
    ranked = [passage(n, "x") for n in range(count)]
    assert ids(order(ranked, "best_at_ends")) == read
    assert order(ranked, "best_first") == ranked
