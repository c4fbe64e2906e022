"""Scores of postings are added up by chunk; the best come with their ties broken by id."""

import numpy as np
import pytest

from state.postgres.search import fused
from state.postgres.words import Scored, added


def test_what_each_word_gives_a_chunk_is_added() -> None:
    scored = added(
        [
            (np.array([2, 5, 9]), np.array([1.0, 2.0, 3.0])),
            (np.array([1, 5]), np.array([0.5, 0.25])),
        ]
    )
    assert scored.of([9, 5, 3, 10]) == {9: 3.0, 5: 2.25, 3: 0.0, 10: 0.0}
    assert list(scored.best(2).items()) == [(9, 3.0), (5, 2.25)]
    assert list(scored.best(9)) == [9, 5, 2, 1]


def test_of_equals_the_least_ids_are_the_best() -> None:
    scored = Scored(np.arange(10), np.array([1.0, 2.0] * 5))
    assert list(scored.best(3)) == [1, 3, 5]
    assert list(scored.best(7)) == [1, 3, 5, 7, 9, 0, 2]


def test_nothing_is_found_of_no_words() -> None:
    assert added([]).best(10) == {}
    assert added([]).of([3]) == {3: 0.0}


def test_fusing_scales_both_sides() -> None:
    hits = {hit.chunk: hit.score for hit in fused({1: 4.0, 2: 0.0, 3: 2.0}, {1: 0.1, 2: 0.5, 3: 0.3})}
    assert hits == pytest.approx({1: 0.4, 2: 0.6, 3: 0.5})
    assert fused({}, {}) == []
    assert fused({1: 3.0}, {1: 0.5})[0].score == 0
