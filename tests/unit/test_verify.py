"""Verification of answers against the passages they cite."""

import pytest

from tools.passages import NOT_FOUND, Passage
from tools.verify import verify

TEXT = """Permanent staff get 25 days of annual leave a year. Contractors have no paid leave.
Hand in form L-3 by 31 March. It is not true that the office is open on Sundays in winter."""
PASSAGES = [
    Passage("1", "leave.md", "Annual leave", TEXT, 0, None, (), 1.0),
    Passage("2", "pool.md", "Pool", "The swimming pool costs EUR 4.50 a visit.", 0, None, (), 1.0),
]


async def supported(sentence: str) -> bool:
    (found,) = await verify(sentence, PASSAGES)
    return found.supported


@pytest.mark.parametrize(
    "sentence",
    [
        "Permanent staff get 25 days of annual leave a year. [1]",
        "permanent staff get 25 days of annual\nleave a year [1].",
        "25 days. [1]",
        "Staff on a permanent contract receive 25 days of annual leave per year. [1]",
        "Contractors do not get paid leave. [1]",
        "The form **L-3** has to be handed in by 31 March. [1]",
        "A visit to the swimming pool costs EUR 4.5. [2]",
        NOT_FOUND,
    ],
)
async def test_quotes_and_paraphrases_are_supported(sentence: str) -> None:
    assert await supported(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Permanent staff get 30 days of annual leave a year. [1]",
        "5 days. [1]",
        "Contractors have paid leave. [1]",
        "Permanent staff do not get 25 days of annual leave a year. [1]",
        "Hand in form L-3 by 31 May. [1]",
        "Hand in form L-3 to Margaret by 31 March. [1]",
        "The office is open on Sundays in winter. [1]",
        "The swimming pool costs EUR 4.50 a visit. [1]",
        "The swimming pool costs EUR 4.50 a visit. [3]",
        "The swimming pool costs EUR 4.50 a visit. [0]",
        "Penguins sleep standing up. [1]",
    ],
)
async def test_what_the_cited_passage_does_not_say_is_not_supported(sentence: str) -> None:
    assert not await supported(sentence)


async def test_sentences_keep_their_place_markers_and_citations() -> None:
    answer = "25 days. [1] A visit costs EUR 4.50 [2]. Both hold [1, 2]. [2]\n- Nobody knows."
    found = await verify(answer, PASSAGES)
    assert [sentence.text for sentence in found] == [
        "25 days. [1]",
        "A visit costs EUR 4.50 [2].",
        "Both hold [1, 2]. [2]",
        "- Nobody knows.",
    ]
    assert all(answer[sentence.start : sentence.end] == sentence.text for sentence in found)
    assert [sentence.citations for sentence in found] == [[1], [2], [1, 2], []]


async def test_a_sentence_without_citation_is_held_against_all_and_marked() -> None:
    (found,) = await verify("The swimming pool costs EUR 4.50 a visit.", PASSAGES)
    assert found.supported
    assert found.citations == []
    assert found.reason == "no citation; quoted"


async def test_a_bare_no_stands_with_the_sentence_after_it() -> None:
    right = await verify("No. [1] Contractors have no paid leave. [1]", PASSAGES)
    wrong = await verify("Yes. [1] Contractors have 99 days of leave. [1]", PASSAGES)
    assert [sentence.supported for sentence in right] == [True, True]
    assert [sentence.supported for sentence in wrong] == [False, False]


async def test_nothing_to_verify() -> None:
    assert await verify("", PASSAGES) == []
    (found,) = await verify("Staff get 25 days.", [])
    assert not found.supported


async def test_quotes_need_no_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unavailable() -> None:
        raise AssertionError("a quote was embedded")

    monkeypatch.setattr("tools.verify.embedder", unavailable)
    found = await verify("25 days. [1] Contractors have no paid leave. [1]", PASSAGES)
    assert all(sentence.supported for sentence in found)
