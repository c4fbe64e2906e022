"""Citations: the quoted words stand in the document at the span that is given."""

from state.assistant import PassageData, VerifiedSentence
from tools.evidence import cite, to_passages

DOCUMENT = (
    "# Leave\n\nStaff have 27 days of leave. Unused days lapse in March.\n\nContractors have 5 days of leave."
)


def passage(start: int, end: int, identifier: str = "1") -> PassageData:
    return PassageData(
        id=identifier,
        merged=[],
        document_id=7,
        version=2,
        document="leave.md",
        title="Leave",
        text=DOCUMENT[start:end],
        start=start,
        page=3,
        page_starts=[DOCUMENT.index("Contractors")],
        headings=["Leave"],
        score=0.5,
    )


def sentence(text: str, *numbers: int) -> VerifiedSentence:
    return VerifiedSentence(text=text, citations=list(numbers), supported=True, score=1.0, reason="")


LEAVE = DOCUMENT.index("Staff")
PASSAGES = [passage(LEAVE, len(DOCUMENT)), passage(0, DOCUMENT.index("\n\nContractors"), "2")]


def test_a_quote_is_the_document_between_start_and_end() -> None:
    (citation,) = cite([sentence("Unused days lapse in March. [1]", 1)], PASSAGES)
    assert DOCUMENT[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["quote"].rstrip(".") == "Unused days lapse in March"
    where = (citation["document_id"], citation["version"], citation["document"], citation["page"])
    assert where == (7, 2, "leave.md", 3)


def test_the_page_is_the_one_that_the_quote_begins_on() -> None:
    (citation,) = cite([sentence("Contractors have 5 days of leave. [1]", 1)], PASSAGES)
    assert citation["page"] == 4


def test_a_paraphrase_quotes_the_nearest_sentence() -> None:
    (citation,) = cite([sentence("In March, days that were not used will lapse. [2]", 2)], PASSAGES)
    assert citation["quote"] == "Unused days lapse in March."
    assert DOCUMENT[citation["start"] : citation["end"]] == citation["quote"]


def test_each_place_is_cited_once_and_in_the_order_of_use() -> None:
    sentences = [
        sentence("Contractors have 5 days of leave. [1]", 1),
        sentence("Staff have 27 days of leave. [1]", 1),
        sentence("Contractors have 5 days of leave. [1]", 1),
    ]
    quotes = [citation["quote"].rstrip(".") for citation in cite(sentences, PASSAGES)]
    assert quotes == ["Contractors have 5 days of leave", "Staff have 27 days of leave"]


def test_a_citation_inside_another_is_left_out() -> None:
    sentences = [sentence("27 days [1]", 1), sentence("Staff have 27 days of leave. [1]", 1)]
    (citation,) = cite(sentences, PASSAGES)
    assert citation["quote"].rstrip(".") == "Staff have 27 days of leave"


def test_one_sentence_may_rest_on_two_passages() -> None:
    found = cite([sentence("Staff have 27 days of leave. [1][2]", 1, 2)], PASSAGES)
    assert [citation["number"] for citation in found] == [1, 2]
    assert found[0]["start"] == found[1]["start"] == LEAVE


def test_numbers_of_no_passage_are_passed_over() -> None:
    assert cite([sentence("Staff have 27 days of leave. [9]", 0, 3, 9, -1)], PASSAGES) == []


def test_models_see_the_passages_as_they_are() -> None:
    first, second = to_passages(PASSAGES)
    assert (first.text, first.start, first.headings) == (DOCUMENT[LEAVE:], LEAVE, ("Leave",))
    assert second.id == "2"
