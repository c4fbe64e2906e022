"""Search limited by filters and quoted phrases, in SQL, for what the asker may see only."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from state.errors import KairosError
from state.filters import AnyOf, DateRange, Filters, NumberRange
from state.identity import Identity
from state.postgres import search
from state.postgres.pool import admin
from state.postgres.readings import load_readings
from tests.integration.test_search import MODES, put
from tools.retrieval import find

PAGES = {
    "rules/crane.md": "The crane shows ERR-4012 when two keys are turned at once.",
    "rules/gate.md": "The gate shows ERR-40 when the keys are lost.",
    "news/ferry.md": "The ferry runs v2.3.1 of the keys timetable; at once ask the master.",
    "news/board.md": "The board turned the crane keys down: AB_12 costs 900.",
}
METADATA = {
    "rules/crane.md": {"owner": "yard", "tags": ["steel", "tall"], "issued": "2026-03-01", "grade": 7},
    "rules/gate.md": {"owner": "port", "issued": "2025-12-31T10:00:00Z", "grade": "12.5"},
    "news/ferry.md": {"owner": "port", "issued": "soon", "grade": "many"},
    "news/board.md": {"owner": "board", "secret": "yes", "grade": 9},
}
QUERY = "crane gate ferry keys"


@pytest.fixture
async def ann(pool: object) -> Identity:
    """Somebody with four pages, one of them for the board only."""
    asker = Identity(f"filters-{uuid4().hex[:8]}", "ann")
    for path, text in PAGES.items():
        await put(asker, path, text, ("board",) if "board" in path else ())
    async with admin() as connection:
        for path, metadata in METADATA.items():
            await connection.execute(
                "UPDATE documents SET metadata = %s, language = %s WHERE tenant = %s AND path = %s",
                (Jsonb(metadata), "de" if "news" in path else "en", asker.tenant, path),
            )
    return asker


async def found(
    asker: Identity,
    filters: Filters | None = None,
    phrases: tuple[str, ...] = (),
    mode: search.Mode = "fused",
    query: str = QUERY,
) -> set[str]:
    hits = await find(asker, query, mode=mode, filters=filters, phrases=phrases)
    readings = await load_readings(asker, [hit["chunk"] for hit in hits])
    return {reading.path.removesuffix(".md").split("/")[1] for reading in readings.values()}


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("filters", "paths"),
    [
        (Filters(), {"crane", "gate", "ferry"}),
        (Filters(documents=[]), set()),
        (Filters(collections=["default"]), {"crane", "gate", "ferry"}),
        (Filters(languages=["de", "fr"]), {"ferry"}),
        (Filters(path_prefix="rules/"), {"crane", "gate"}),
        (Filters(path_prefix="rules/%"), set()),
        (Filters(updated_after=NOW + timedelta(days=1)), set()),
        (Filters(updated_before=NOW + timedelta(days=1)), {"crane", "gate", "ferry"}),
        (Filters(metadata=[AnyOf("owner", ("port", "board"))]), {"gate", "ferry"}),
        (Filters(metadata=[AnyOf("tags", ("tall",))]), {"crane"}),
        (Filters(metadata=[AnyOf("grade", ("7",))]), {"crane"}),
        (Filters(metadata=[NumberRange("grade", 7, 12)]), {"crane"}),
        (Filters(metadata=[NumberRange("grade", low=8)]), {"gate"}),
        (Filters(metadata=[DateRange("issued", date(2026, 1, 1), None)]), {"crane"}),
        (Filters(metadata=[DateRange("issued", None, date(2025, 12, 31))]), {"gate"}),
        (Filters(metadata=[DateRange("issued"), AnyOf("owner", ("port",))]), {"gate"}),
        (Filters(metadata=[AnyOf("owner", ("port",)), AnyOf("tags", ("tall",))]), set()),
    ],
)
async def test_filters_leave_what_they_say(ann: Identity, filters: Filters, paths: set[str]) -> None:
    for mode in MODES:
        assert await found(ann, filters, mode=mode) == paths, mode


async def test_the_vector_index_keeps_to_the_filters(ann: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "EXACT_UP_TO", -1)
    assert await found(ann, Filters(path_prefix="rules/"), mode="dense") == {"crane", "gate"}
    assert await found(ann, None, ("ERR-40",), mode="dense") == {"gate"}


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        (Filters(collections=["default", "attic"]), "collection_unknown"),
        (Filters(metadata=[AnyOf("colour", ("red",))]), "filter_unknown"),
        (Filters(metadata=[AnyOf("secret", ("yes",))]), "filter_unknown"),
        (Filters(metadata=[NumberRange("'; DROP TABLE chunks; --")]), "filter_unknown"),
    ],
)
async def test_unknown_names_are_said_hidden_ones_alike(ann: Identity, filters: Filters, code: str) -> None:
    with pytest.raises(KairosError) as raised:
        await found(ann, filters)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("phrases", "paths"),
    [
        (("ERR-4012",), {"crane"}),
        (("err-40",), {"gate"}),
        (("v2.3.1",), {"ferry"}),
        (("two keys",), {"crane"}),
        (("keys two",), set()),
        (("at   once",), {"crane", "ferry"}),
        (("at once", "ERR-4012"), {"crane"}),
        (("AB_12",), set()),
        (("when the",), {"gate"}),
        (("nobody wrote this",), set()),
        (("%", "'"), set()),
        (("",), {"crane", "gate", "ferry"}),
    ],
)
async def test_quoted_words_stand_in_what_is_found(
    ann: Identity, phrases: tuple[str, ...], paths: set[str]
) -> None:
    for mode in MODES:
        assert await found(ann, None, phrases, mode) == paths, mode


async def test_the_board_finds_its_own(ann: Identity) -> None:
    board = Identity(ann.tenant, "bob", ("board",))
    assert await found(board, Filters(metadata=[AnyOf("secret", ("yes",))])) == {"board"}
    assert await found(board, None, ("AB_12",)) == {"board"}


async def test_a_query_of_five_thousand_words_keeps_the_rarest(ann: Identity) -> None:
    query = " ".join(f"word{number}" for number in range(4_998)) + " ferry timetable"
    assert (await find(ann, query, mode="bm25"))[0]["bm25"] > 0
    assert await found(ann, query=query, mode="bm25") == {"ferry"}


async def test_nothing_is_found_where_nothing_is(pool: object) -> None:
    nobody = Identity(f"filters-{uuid4().hex[:8]}", "ann")
    for mode in MODES:
        assert await found(nobody, mode=mode) == set()
    with pytest.raises(KairosError) as raised:
        await found(nobody, Filters(collections=["default"]))
    assert raised.value.code == "collection_unknown"
