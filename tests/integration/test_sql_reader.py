"""Questions in SQL at the database, without any look at them before: it holds by itself."""

from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg
import pytest

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import admin, conninfo
from state.postgres.sql_grant import grant
from state.postgres.sql_reader import Grant, ask
from tests.fixtures.sql_questions import ANSWERED, HOSTILE, SCHEMA
from tools.builtin.settings import SqlQuery
from tools.builtin.sql_query import sql_query

NORTH = Identity("north", "ada", ("sales",))
SOUTH = Identity("south", "bob")
GRANT = Grant("shop", {"orders", "open_prices"}, seconds=1.5)
STATE = (
    "SELECT (SELECT json_agg(o ORDER BY id)::text FROM shop.orders o) AS orders, "
    "(SELECT count(*) FROM pg_class) AS relations, (SELECT count(*) FROM pg_largeobject_metadata) AS objects, "
    "(SELECT last_value::text || is_called FROM shop.numbers) AS numbers, "
    "(SELECT relrowsecurity FROM pg_class WHERE oid = 'shop.orders'::regclass) AS guarded"
)


@pytest.fixture
async def shop(pool: object) -> AsyncIterator[None]:
    """The schema of SCHEMA, granted but for its secrets."""
    async with admin() as connection:
        await connection.execute(SCHEMA)
    await grant("shop", ["orders", "open_prices"])
    yield
    async with admin() as connection:
        await connection.execute("DROP SCHEMA shop CASCADE")


async def state() -> object:
    async with admin() as connection:
        return await (await connection.execute(STATE)).fetchone()


@pytest.mark.parametrize(("question", "rows"), ANSWERED)
async def test_questions_are_answered(shop: None, question: str, rows: list[dict[str, object]]) -> None:
    answer = await ask(NORTH, question, GRANT)
    assert [{name: row[name] for name in rows[0]} for row in answer.rows] == rows if rows else not answer.rows
    assert not answer.truncated


@pytest.mark.parametrize("question", HOSTILE)
async def test_the_database_alone_refuses_what_means_harm(shop: None, question: str) -> None:
    before = await state()
    with pytest.raises(KairosError) as refused:
        await ask(NORTH, question, GRANT)
    assert refused.value.code in ("sql_refused", "sql_invalid", "sql_timeout", "sql_table_open")
    assert "4711" not in refused.value.sentence
    assert await state() == before


@pytest.mark.parametrize("question", HOSTILE[:50])
async def test_the_role_alone_lets_nothing_be_changed_or_read(shop: None, question: str) -> None:
    """As if the view's tree were not looked at: the statement itself, as the role, in a reading transaction."""
    before = await state()
    async with await psycopg.AsyncConnection.connect(await conninfo()) as connection:
        await connection.execute(
            "SELECT set_config('role', 'kairos_sql', true), set_config('statement_timeout', '300', true)"
        )
        await connection.execute("SET TRANSACTION READ ONLY")
        said = ""
        with suppress(psycopg.Error):
            cursor = await connection.cursor(binary=True).execute(question.encode(), binary=True)
            said = str(await cursor.fetchall() if cursor.description else "")
        assert "4711" not in said
        await connection.rollback()
    assert await state() == before


async def test_everybody_sees_their_own_rows(shop: None) -> None:
    question = "SELECT item FROM orders ORDER BY id"
    assert [row["item"] for row in (await ask(NORTH, question, GRANT)).rows] == ["lamp", "desk", "lamp"]
    assert [row["item"] for row in (await ask(SOUTH, question, GRANT)).rows] == ["safe"]
    nobody = Identity("x' OR '1'='1", "eve")
    assert not (await ask(nobody, question, GRANT)).rows


async def test_a_question_leaves_nothing_on_its_connection(shop: None) -> None:
    await ask(NORTH, "SELECT id FROM orders", GRANT)
    async with admin() as connection:
        found = await (
            await connection.execute(
                "SELECT current_user = session_user AS own, current_setting('kairos.tenant', true) AS tenant, "
                "to_regclass('pg_temp.kairos_question') AS view, current_setting('transaction_read_only') AS reads"
            )
        ).fetchone()
    assert found is not None
    assert found["own"]
    assert not found["tenant"]
    assert found["view"] is None
    assert found["reads"] == "off"


async def test_rows_and_bytes_are_limited(shop: None) -> None:
    many = "SELECT a.id AS a, b.id AS b, c.id AS c FROM orders a, orders b, orders c"
    few = await ask(NORTH, many, Grant("shop", {"orders"}, rows=5))
    assert len(few.rows) == 5
    assert few.truncated
    small = await ask(NORTH, many, Grant("shop", {"orders"}, bytes=100))
    assert 0 < len(small.rows) < 27
    assert small.truncated
    huge = "WITH RECURSIVE t(s) AS (SELECT 'xx' UNION ALL SELECT s || s FROM t WHERE length(s) < 60000) SELECT s FROM t"
    large = await ask(NORTH, huge, GRANT)
    assert large.truncated
    assert max(len(row["s"]) for row in large.rows) < 20_000


async def test_a_question_without_an_end_is_ended(shop: None) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) AS n FROM n"
    with pytest.raises(KairosError) as ended:
        await ask(NORTH, endless, Grant("shop", {"orders"}, seconds=0.5))
    assert ended.value.code in ("sql_timeout", "sql_invalid")


async def test_a_table_without_row_level_security_is_not_read(shop: None) -> None:
    with pytest.raises(KairosError) as refused:
        await ask(NORTH, "SELECT * FROM open_prices", GRANT)
    assert refused.value.code == "sql_table_open"
    assert "USING (true)" in refused.value.sentence


async def test_a_grant_takes_the_place_of_the_one_before(shop: None) -> None:
    await grant("shop", ["open_prices"])
    with pytest.raises(KairosError) as refused:
        await ask(NORTH, "SELECT id FROM orders", GRANT)
    assert refused.value.code == "sql_refused"
    with pytest.raises(KairosError) as unknown:
        await grant("shop", ["no_such_table"])
    assert unknown.value.code == "sql_table_unknown"


async def test_the_role_may_read_and_nothing_else(shop: None) -> None:
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT table_schema || '.' || table_name || ' ' || privilege_type AS held "
            "FROM information_schema.role_table_grants WHERE grantee = 'kairos_sql' ORDER BY 1"
        )
        held = [row["held"] for row in await cursor.fetchall()]
        role = await (
            await connection.execute("SELECT * FROM pg_roles WHERE rolname = 'kairos_sql'")
        ).fetchone()
    assert held == ["shop.open_prices SELECT", "shop.orders SELECT"]
    assert role is not None
    assert not any(
        role[right] for right in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolcanlogin")
    )


async def test_the_tool_looks_first_and_answers_as_the_asker(shop: None) -> None:
    tool = sql_query(SqlQuery(schema="shop", tables=("orders",)))
    result = await tool.call({"query": "SELECT item, price FROM orders WHERE id = 2;"}, NORTH)
    assert result.structured["rows"] == [{"item": "desk", "price": 300}]
    assert [column["type"] for column in result.structured["columns"]] == ["text", "numeric"]
    assert result.text.splitlines()[-1] == "| desk | 300 |"
    with pytest.raises(KairosError) as refused:
        await tool.call({"query": "SELECT pg_sleep(10)"}, NORTH)
    assert "pg_sleep" in refused.value.sentence
    with pytest.raises(KairosError) as unknown:
        await tool.call({"query": "SELECT colour FROM orders"}, NORTH)
    assert unknown.value.code == "sql_invalid"
    assert "colour" in unknown.value.sentence


async def test_numbers_that_are_too_large_for_json_stay_text(shop: None) -> None:
    question = "SELECT 10::numeric ^ 5000 AS whole, 10::numeric ^ 400 + 0.5 AS half, 'NaN'::float AS no, 12.5 AS real"
    (row,) = (await ask(NORTH, question, GRANT)).rows
    assert row["whole"].startswith("1000")
    assert row["half"].endswith("0.5000000000000000") or row["half"].endswith("0.5")
    assert (row["no"], row["real"]) == ("NaN", 12.5)
