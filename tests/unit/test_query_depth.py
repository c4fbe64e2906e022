"""When a second look is taken, with which queries, and how their hits become one list."""

import pytest

from state.passages import Candidate
from state.plan import Plan, Query
from tools.query.fuse import fuse
from tools.query.technique import Technique, queries, technique
from tools.query.weak import LEAST_COSINE, weak


def found(chunk: int, cosine: float = 0.6) -> Candidate:
    return Candidate(chunk=chunk, bm25=1.0, cosine=cosine, score=1.0)


def planned(question: str, *phrases: str) -> Plan:
    return Plan(
        standalone=question, queries=[Query(text=question, reason="")], corrections=[], expansions=[],
        phrases=list(phrases), way="careful", why="",
    )  # fmt: skip


def test_hits_far_from_the_question_are_weak() -> None:
    assert weak([found(1, LEAST_COSINE - 0.01)]) is not None
    assert weak([found(1, 0.1), found(2, LEAST_COSINE)]) is None
    assert weak([]) == "Nothing was found."


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        (planned("How do the piers differ from the locks in winter?"), "decompose"),
        (planned("Who opens the lock gates and when are they shut?"), "decompose"),
        (planned("lock gates"), "multi_query"),
        (planned("Who repaired the northern lock gate hinge INV-7?", "INV-7"), "step_back"),
        (planned("Who keeps the northern lock gates in good repair?"), "hyde"),
    ],
)
def test_the_question_decides_which_queries_are_asked_for(plan: Plan, kind: Technique) -> None:
    assert technique(plan) == kind


def test_a_reply_is_read_as_queries() -> None:
    assert queries('1. lock gates\n- "lock gates"\n\n  * keeper of locks\n?!', "multi_query") == [
        "lock gates",
        "keeper of locks",
    ]
    assert queries("The keeper\nopens the gates.", "hyde") == ["The keeper opens the gates."]
    assert queries("", "hyde") == queries("...\n", "decompose") == []
    assert len(queries("\n".join(f"lock {n}" for n in range(50)), "decompose")) == 4


def test_one_list_stays_as_it_is_and_several_are_fused_by_rank() -> None:
    assert fuse([[found(2), found(1)]], 10) == [found(2), found(1)]
    ranked = fuse([[found(1), found(2)], [found(3), found(2)], [found(3)]], 10)
    assert [candidate["chunk"] for candidate in ranked] == [2, 1, 3]
    assert len(fuse([[found(1), found(2)], [found(3)]], 2)) == 2
