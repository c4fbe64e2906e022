"""A streamed answer that is taken up by another deployment."""

from hypothesis import given
from hypothesis import strategies as st

from tools.models.answer_so_far import AnswerSoFar
from tools.models.sse import DONE, Chunk

WORDS = (
    "The notice period is four weeks from the end of the month, and for managers it is three months in all."
)


def chunk(text: str, finish: str | None = None, name: str = "first") -> Chunk:
    delta = {"content": text} if text else {}
    return Chunk.of({"id": name, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def sent(so_far: AnswerSoFar, chunks: list[Chunk]) -> str:
    found = [so_far.take(one) for one in chunks]
    datas = [one.data for one in found if one is not None and one.data is not None]
    assert {data["id"] for data in datas} <= {"first"}
    return "".join(data["choices"][0]["delta"].get("content") or "" for data in datas)


def pieces(text: str, size: int, name: str) -> list[Chunk]:
    cut = [chunk(text[start : start + size], name=name) for start in range(0, len(text), size)]
    return [*cut, chunk("", "stop", name), Chunk(DONE, None)]


@given(st.integers(1, len(WORDS) - 1), st.integers(0, len(WORDS)), st.integers(1, 30))
def test_however_much_the_fallback_repeats_nothing_is_sent_twice(cut: int, repeats: int, size: int) -> None:
    start = max(0, cut - repeats)
    if start and 0 < cut - start < 8:
        return  # so short an overlap cannot be told from a word that happens to be there again
    so_far = AnswerSoFar()
    first = sent(so_far, [chunk(WORDS[:cut])])
    again = so_far.begin_again({"messages": [{"role": "user", "content": "Notice?"}]})
    assert again["messages"][1] == {"role": "assistant", "content": first}
    assert again["messages"][-1]["role"] == "user"
    assert first + sent(so_far, pieces(WORDS[start:], size, "second")) == WORDS


def test_a_stream_that_had_sent_nothing_is_asked_the_same_again() -> None:
    so_far = AnswerSoFar()
    sent(so_far, [chunk("")])
    body = {"messages": [{"role": "user", "content": "Notice?"}]}
    assert so_far.begin_again(body) == body
    assert sent(so_far, pieces(WORDS, 9, "second")) == WORDS


def test_tool_calls_several_answers_and_whole_answers_are_not_continued() -> None:
    for delta, index in (({"tool_calls": [{"index": 0}]}, 0), ({"content": "a"}, 1)):
        so_far = AnswerSoFar()
        so_far.take(Chunk.of({"id": "1", "choices": [{"index": index, "delta": delta}]}))
        assert not so_far.can_go_on
    whole = AnswerSoFar()
    whole.take(chunk("a", "stop"))
    assert not whole.can_go_on
    part = AnswerSoFar()
    part.take(chunk("a"))
    assert part.can_go_on
