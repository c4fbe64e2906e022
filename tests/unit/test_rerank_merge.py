"""Hits that are read together become one passage."""

from state.postgres.readings import Found
from tools.rerank.rank import merge


def found(document: int, span: tuple[int, int], read: tuple[int, int] | None = None) -> Found:
    return Found(document, span, read or span, b"")


def test_chunks_with_one_parent_are_one_passage_with_the_best_score() -> None:
    parent = (0, 900)
    places = {n: found(1, (n * 300, n * 300 + 299), parent) for n in range(3)}
    assert merge([(1, 0.9), (0, 0.8), (2, 0.1)], places) == [(1, 0.9, [0, 2])]


def test_the_same_span_of_another_document_is_another_passage() -> None:
    places = {1: found(1, (0, 9), (0, 99)), 2: found(2, (0, 9), (0, 99))}
    assert merge([(2, 0.5), (1, 0.5)], places) == [(2, 0.5, []), (1, 0.5, [])]


def test_a_chunk_inside_the_window_of_a_better_one_is_read_already() -> None:
    windows = {n: found(1, (n * 10, n * 10 + 9), (n * 10 - 20, n * 10 + 29)) for n in range(2, 9)}
    ranked = [(5, 0.9), (6, 0.8), (8, 0.7), (3, 0.6), (7, 0.5), (2, 0.4)]
    assert merge(ranked, windows) == [(5, 0.9, [6, 3, 7]), (8, 0.7, []), (2, 0.4, [])]


def test_chunks_that_are_read_alone_stay_apart() -> None:
    places = {n: found(1, (n * 10, n * 10 + 9)) for n in range(4)}
    ranked = [(2, 0.4), (0, 0.3), (3, 0.2), (1, 0.1)]
    assert merge(ranked, places) == [(chunk, score, []) for chunk, score in ranked]
