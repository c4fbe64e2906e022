"""The look at a question in SQL before the database is asked."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.errors import KairosError
from tests.fixtures.sql_questions import ANSWERED, HOSTILE
from tools.sql.check import LONGEST, check

TABLES = frozenset({"orders"})


@pytest.mark.parametrize("question", [question for question, _ in ANSWERED])
def test_questions_about_what_is_granted_pass(question: str) -> None:
    check(question, "shop", TABLES)


@pytest.mark.parametrize("question", HOSTILE)
def test_everything_else_is_refused(question: str) -> None:
    with pytest.raises(KairosError) as refused:
        check(question, "shop", TABLES)
    assert refused.value.code in ("sql_refused", "sql_invalid")
    assert len(refused.value.sentence) < 250


def test_there_are_enough_hostile_questions() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 40


@pytest.mark.parametrize("character", ["(", "'", '"', "/*", "--", "$$", "select ", "case when ", "[", "\\"])
def test_a_long_question_costs_little(character: str) -> None:
    for length in (LONGEST, 1_000_000):
        started = time.process_time()
        with pytest.raises(KairosError):
            check(f"select {character * (length // len(character))}", "shop", TABLES)
        assert time.process_time() - started < 20


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from("select from orders secrets ( ) , ; * with as delete 1 'x' pg_sleep . join".split())
    )
)
def test_only_granted_tables_and_known_functions_ever_pass(words: list[str]) -> None:
    question = " ".join(words)
    try:
        check(question, "shop", TABLES)
    except KairosError:
        return
    assert "pg_sleep (" not in question
    assert "from secrets" not in question or "with secrets" in question
    assert "delete from" not in question
