"""The parts of the ranking, one by one, on examples small enough to work out by hand."""

from math import log

import numpy as np
import pytest

from state.identity import Identity
from state.postgres.readings import Found
from tools.embed.question import EmbeddedQuestion
from tools.embed.token_codes import BITS, content, encode, project, projection, words_of
from tools.rerank.dense import late_interaction, nearest_sentence
from tools.rerank.interface import Question, Ranked
from tools.rerank.lexical import bigrams, titles
from tools.rerank.mentions import bonuses, names_in, weights
from tools.rerank.nearness import nearness, token_weights
from tools.rerank.neighbours import NEIGHBOURS, likeness, smooth
from tools.rerank.parts import PARTS, Part, scale, score
from tools.rerank.statistics import Statistics
from tools.rerank.stems import hashes, pack_stems, unpack_stems
from tools.sentence_vectors import pack

FEW = Statistics(100, {"ferri": 10, "harbour": 2, "ticket": 50})


def test_idf_is_lucenes_and_nothing_for_an_unknown_term() -> None:
    assert FEW.idf("harbour") == pytest.approx(log(1 + 98.5 / 2.5))
    assert FEW.idf("zeppelin") == 0


def test_stems_come_back_in_order() -> None:
    assert unpack_stems(pack_stems(["b", "a", "b"])).tolist() == hashes(["b", "a", "b"]).tolist()
    assert unpack_stems(b"").tolist() == []


def test_a_pair_counts_where_its_words_stand_together_in_this_order() -> None:
    chunks = [
        hashes(text.split()) for text in ("ferri ticket", "ticket ferri", "x ferri ticket ferri ticket", "")
    ]
    of_two = log(1 + 98.5 / 2.5)
    assert bigrams(["ferri", "ticket"], chunks, FEW) == pytest.approx([of_two / 1.9, 0, of_two * 2 / 2.9, 0])


def test_a_pair_does_not_reach_over_the_end_of_a_chunk() -> None:
    assert bigrams(["ferri", "ticket"], [hashes(["ferri"]), hashes(["ticket"])], FEW).tolist() == [0, 0]


def test_a_question_of_one_word_or_none_has_no_pairs() -> None:
    for question in ([], ["ferri"]):
        assert bigrams(question, [hashes(["ferri", "ferri"])], FEW).tolist() == [0]


def test_the_shorter_title_with_the_word_is_better() -> None:
    found = titles(["harbour"], ["Harbour", "The harbour ferry ticket", "Tickets", ""], FEW)
    assert found[0] > found[1] > found[2] == found[3] == 0
    norm = 0.9 * (0.6 + 0.4 * 1 / 1.25)
    assert found[0] == pytest.approx(FEW.idf("harbour") / (1 + norm))


def test_the_nearest_sentence_counts_and_the_whole_stands_in_where_there_is_none() -> None:
    sentences = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)
    found = nearest_sentence(np.array([0, 1], np.float32), sentences, [2, 0, 1], np.array([0.1, 0.2, 0.3]))
    assert found == pytest.approx([0.8, 0.2, 1.0])


def test_the_projection_never_changes() -> None:
    assert projection(384).shape == (384, BITS)
    assert projection(384)[0, :12].astype(int).tolist() == [1, -1, 1, -1, 1, -1, 1, 1, 1, 1, -1, -1]
    assert abs(float(projection(384).mean())) < 0.01


def test_words_are_found_for_their_tokens_and_stop_words_do_not_count() -> None:
    offsets = [(0, 0), (0, 3), (4, 7), (7, 9), (9, 10), (0, 0)]  # [CLS] The fer ##ry . [SEP]
    words = words_of("The ferry.", offsets)
    assert words == ["", "the", "ferry", "ferry", "", ""]
    assert content(words).tolist() == [False, False, True, True, False, False]
    assert content(["", "the", ""]).tolist() == [True, False, False]


def test_late_interaction_finds_the_same_token_again() -> None:
    chance = np.random.default_rng(3)
    states = chance.normal(size=(6, 384)).astype(np.float32)
    offsets = [(at, at + 1) for at in range(0, 12, 2)]
    codes = [encode("u v w x y z"[:5], states[:3], offsets[:3]), encode("x y z", states[3:], offsets[:3])]
    assert [len(code) for code in codes] == [48, 48]
    found = late_interaction(project(states[:2]), np.array([1.0, 3.0]), codes)
    assert found[0] > 0.7 > 0.4 > found[1]


def test_token_weights_share_a_words_rarity_among_its_tokens() -> None:
    assert token_weights(["harbour", "ticket", "ticket"], FEW) == pytest.approx(
        [FEW.idf("harbour"), FEW.idf("ticket") / 2, FEW.idf("ticket") / 2]
    )
    assert token_weights(["zeppelin", ""], FEW).tolist() == [1, 1]


def test_smoothing_draws_a_score_to_its_neighbours() -> None:
    near = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], np.float32)
    assert smooth(np.array([1.0, 0.0, 0.5]), near) == pytest.approx([1 / 1.4, 0.4 / 1.4, 0.5])


def test_only_the_nearest_neighbours_count() -> None:
    size = NEIGHBOURS + 3
    near = np.tile(
        np.linspace(0, 1, size, dtype=np.float32), (size, 1)
    )  # the first three are not among the ten
    weight = 0.4 * sum(range(3, size)) / (size - 1)
    assert smooth(np.array([0.0, 1.0, 1.0, *[0.0] * NEIGHBOURS]), near)[0] == pytest.approx(0)
    assert smooth(np.array([0.0, 0.0, 0.0, *[1.0] * NEIGHBOURS]), near)[0] == pytest.approx(
        weight / (1 + weight)
    )


def test_likeness_is_a_power_of_the_cosine() -> None:
    found = likeness(np.array([[2, 0], [3, 4], [-1, 0], [0, 0]], np.float32))
    assert found[0] == pytest.approx([1, 0.6**3, 0, 0])
    assert found[3].tolist() == [0, 0, 0, 0]


def test_names_begin_with_a_capital_and_are_no_stop_words_alone() -> None:
    found = names_in("The ferry leaves Port Ellen at 9.")
    assert {"Port", "Port Ellen", "Ellen", "The ferry", "9"} <= found
    assert not {"The", "ferry", "leaves Port"} & found


def test_a_rare_name_says_more() -> None:
    found = weights({1: "Harbour", 2: "Ticket", 3: "The"}, FEW)
    assert found.keys() == {1, 2}
    assert found[1] == pytest.approx((log(101 / 2.5) / log(102)) ** 2)
    assert found[1] > found[2] > 0


def test_the_best_chunk_that_names_a_document_gives_its_bonus() -> None:
    assert bonuses([0.9, 0.5], [{1}, {1, 2}], {1: 0.5, 2: 1.0}) == {1: 0.45, 2: 0.5}


def test_scale_goes_from_nought_to_one() -> None:
    assert scale(np.array([2.0, 4.0, 3.0])).tolist() == [0, 1, 0.5]
    assert scale(np.array([2.0, 2.0])).tolist() == [0, 0]


def ask(terms: list[str], tokens: int = 0) -> Question:
    vector = np.eye(1, 384, dtype=np.float32)[0]
    embedded = EmbeddedQuestion(
        "m", vector, ["harbour"] * tokens, project(np.ones((tokens, 384), np.float32))
    )
    return Question(Identity("t", "p"), " ".join(terms), terms, embedded)


def candidate(chunk: int, text: str, *, features: bool = True) -> Ranked:
    stems = text.split()
    vectors = np.eye(1, 384, k=chunk, dtype=np.float32)
    codes = np.packbits(np.ones((1, 384), np.float32) @ projection(384) > 0, axis=1).tobytes()
    made = (pack(vectors), codes, pack_stems(stems)) if features else (b"", b"", b"")
    place = (0, len(text))
    return Ranked(chunk, Found(chunk, place, place, *made, "Harbour"), float(chunk), 0.1 * chunk, 0.0, {})


def scored(
    question: Question, ranked: list[Ranked], statistics: Statistics, without: frozenset[Part] = frozenset()
) -> list[Ranked]:
    return score(question, ranked, nearness(question, ranked, statistics), statistics, without)


def test_nearness_is_the_same_at_once_and_in_two_goes() -> None:
    question, ranked = ask(["harbour"], 2), [candidate(n, "harbour") for n in (1, 2, 3)]
    whole = nearness(question, ranked, FEW)
    parts = nearness(question, ranked[:1], FEW) + nearness(question, ranked[1:], FEW)
    assert parts.sentences.tolist() == whole.sentences.tolist()
    assert parts.sums.tolist() == whole.sums.tolist()
    assert parts.tokens is not None
    assert parts.tokens == pytest.approx(whole.tokens)
    old = nearness(question, [candidate(4, "harbour", features=False)], FEW)
    assert (whole + old).tokens is None


def test_every_part_says_what_it_gave_in_plain_floats() -> None:
    ranked = scored(ask(["harbour", "ferri"], 1), [candidate(n, "harbour ferri") for n in (1, 2)], FEW)
    assert ranked[0].why.keys() == {"bm25", "cosine", *PARTS} - {"mentions"}
    assert {type(value) for one in ranked for value in one.why.values()} == {float}


def test_chunks_stored_without_features_rank_by_words_and_cosine() -> None:
    old = [candidate(n, "harbour", features=False) for n in (1, 2, 3)]
    ranked = scored(ask(["harbour"], 1), old, FEW)
    assert [one.chunk for one in ranked] == [3, 2, 1]
    assert "tokens" not in ranked[0].why


def test_old_and_new_chunks_rank_together() -> None:
    ranked = scored(
        ask(["harbour"], 1), [candidate(1, "harbour"), candidate(2, "harbour", features=False)], FEW
    )
    assert "tokens" not in ranked[0].why
    assert {one.chunk for one in ranked} == {1, 2}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_can_be_left_out(part: Part) -> None:
    ranked = scored(
        ask(["harbour", "ferri"], 1), [candidate(n, "harbour ferri") for n in (1, 2)], FEW, frozenset({part})
    )
    left = {"bm25", "cosine", *PARTS} - {"mentions", part} | ({"sentences"} if part == "sentences" else set())
    assert ranked[0].why.keys() == left


def test_one_candidate_and_a_question_without_terms_or_tokens_rank() -> None:
    (only,) = scored(ask([]), [candidate(1, "")], Statistics(1, {}))
    assert only.score == 0
