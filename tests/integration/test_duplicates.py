"""Near-duplicates: kept once with all their sources, never across readers, and never lost with their keeper."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from app.local import configure, stream
from app.terminal import to_json
from graphs.ingest import build
from state.filters import Filters
from state.identity import Identity
from state.postgres import duplicates, file_reports, files
from state.postgres.pool import admin, scoped
from tests.integration.test_documents import statistics_are_exact, tables_holding
from tests.integration.test_ingest import ingest
from tools.rerank.rank import rerank
from tools.retrieval import find

RULES = "# Quay rules\n\n" + " ".join(
    f"Whoever moors at the {place} berth reports to the harbour office and leaves a name at the {gate} gate."
    for place, gate in zip(
        "alder birch cedar dogwood elm fir gorse hazel ivy juniper".split(),
        "red blue green grey black white brown pink gold silver".split(),
        strict=True,
    )
)
NOTICE = "Notice is 27 days and is given in writing."


@pytest.fixture
def asker() -> Identity:
    return Identity(f"duplicates-{uuid4().hex[:8]}", "ann", local=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "quays"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, *more: str, start: str = RULES) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n\n".join([start, NOTICE, *more]) + "\n")


async def rows(tenant: str) -> dict[str, str | None]:
    """Each document's keeper, by path."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT d.path, k.path AS keeper, d.compared FROM documents d "
            "LEFT JOIN documents k ON k.id = d.duplicate_of WHERE d.tenant = %s ORDER BY d.path",
            (tenant,),
        )
        found = await cursor.fetchall()
    assert all(row["compared"] for row in found)
    return {row["path"]: row["keeper"] for row in found}


async def found(asker: Identity, text: str = "moor at the alder berth") -> dict[str, list[str]]:
    """Where a text is found, and where else it is said to stand."""
    passages = await rerank(asker, text, await find(asker, text), 10)
    return {passage["document"]: passage["also_in"] for passage in passages}


async def test_documents_that_say_the_same_are_found_once_with_all_sources(
    pool: object, folder: Path, asker: Identity
) -> None:
    write(folder, "b.md", start=RULES.replace("# Quay rules", "# The quay rules"))
    write(folder, "a.md")
    write(folder, "c.md", "See you there.")
    report = await ingest(folder, asker)
    assert report["added"] == 3
    assert await rows(asker.tenant) == {"a.md": None, "b.md": "a.md", "c.md": "a.md"}
    assert await found(asker) == {"a.md": ["b.md", "c.md"]}
    await statistics_are_exact(asker.tenant)
    listed = await file_reports.list_files(asker)
    shown = [json.loads(to_json(await file_reports.show(asker, row["id"])))["documents"][0] for row in listed]
    assert [row["duplicate_of"] for row in shown] == [None, "a.md", "a.md"]
    assert [row["duplicates"] for row in shown] == [["b.md", "c.md"], [], []]
    assert (await file_reports.summary(asker))["duplicates"] == 2


async def test_a_query_without_any_where_sees_nothing_of_a_duplicate_but_its_text(
    pool: object, folder: Path, asker: Identity
) -> None:
    write(folder, "a.md")
    write(folder, "b.md")
    await ingest(folder, asker)
    async with scoped(asker) as connection:
        for statement in (
            "SELECT DISTINCT d.path FROM chunks c JOIN documents d ON d.id = c.document",
            "SELECT DISTINCT d.path FROM postings p JOIN chunks c ON c.id = p.chunk "
            "JOIN documents d ON d.id = c.document",
        ):
            cursor = await connection.execute(statement)
            assert await cursor.fetchall() == [{"path": "a.md"}]
        cursor = await connection.execute("SELECT count(*) AS n FROM access_classes")
        assert await cursor.fetchone() == {"n": 1}
        cursor = await connection.execute("SELECT path FROM documents ORDER BY path")
        assert [row["path"] for row in await cursor.fetchall()] == ["a.md", "b.md"]


async def test_a_changed_number_makes_another_document(pool: object, folder: Path, asker: Identity) -> None:
    write(folder, "a.md")
    write(folder, "b.md")
    (folder / "b.md").write_text((folder / "b.md").read_text().replace("27", "28"))
    await ingest(folder, asker)
    assert await rows(asker.tenant) == {"a.md": None, "b.md": None}
    assert set(await found(asker)) == {"a.md", "b.md"}


async def test_readers_of_other_groups_tenants_and_collections_keep_their_own(
    pool: object, folder: Path, asker: Identity
) -> None:
    for name in ("a.md", "board/b.md", "board/c.md", "crew/d.md"):
        write(folder, name)
    (folder / "access.yaml").write_text(
        '- paths: ["board/*"]\n  groups: [board]\n- paths: ["crew/*"]\n  groups: [crew]\n'
    )
    await ingest(folder, asker)
    assert await rows(asker.tenant) == {
        "a.md": None,
        "board/b.md": None,
        "board/c.md": "board/b.md",
        "crew/d.md": None,
    }
    assert await found(asker) == {"a.md": []}
    assert await found(Identity(asker.tenant, "bob", ("board",))) == {
        "a.md": [],
        "board/b.md": ["board/c.md"],
    }
    assert await found(Identity(asker.tenant, "cid", ("crew",))) == {"a.md": [], "crew/d.md": []}
    other = Identity(f"{asker.tenant}-other", "eve", local=True)
    await ingest(folder, other)
    assert await rows(other.tenant) == await rows(asker.tenant)
    await ingest(folder / "board", asker, collection="second")
    assert list(await rows(asker.tenant)) == ["a.md", "b.md", "board/b.md", "board/c.md", "c.md", "crew/d.md"]
    assert (await rows(asker.tenant))["b.md"] is None


async def test_the_next_in_line_takes_the_place_of_a_keeper_that_goes(
    pool: object, folder: Path, asker: Identity
) -> None:
    marker = "zq" + uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    for name in ("a.md", "b.md", "c.md"):
        write(folder, name, f"The word is {marker}{name[0]}." if name == "a.md" else f"The word is {marker}.")
    await ingest(folder, asker)
    assert await found(asker) == {"a.md": ["b.md", "c.md"]}
    (folder / "a.md").unlink()
    assert (await ingest(folder, asker, sync=True))["deleted"] == 1
    assert await tables_holding(f"{marker}a") == []
    assert await rows(asker.tenant) == {"b.md": None, "c.md": "b.md"}
    assert await found(asker) == {"b.md": ["c.md"]}
    await statistics_are_exact(asker.tenant)
    (folder / "b.md").unlink()
    (folder / "c.md").unlink()
    await ingest(folder, asker, sync=True)
    assert await tables_holding(marker) == []
    await statistics_are_exact(asker.tenant)


async def test_the_next_in_line_takes_the_place_of_a_keeper_that_changes(
    pool: object, folder: Path, asker: Identity
) -> None:
    for name in ("a.md", "b.md", "c.md"):
        write(folder, name)
    await ingest(folder, asker)
    write(folder, "a.md", "The ferry takes 40 people.")
    await ingest(folder, asker)
    assert await rows(asker.tenant) == {"a.md": None, "b.md": None, "c.md": "b.md"}
    assert await found(asker) == {"a.md": [], "b.md": ["c.md"]}
    write(folder, "a.md")
    await ingest(folder, asker)
    assert await rows(asker.tenant) == {"a.md": "b.md", "b.md": None, "c.md": "b.md"}
    await statistics_are_exact(asker.tenant)


async def test_a_keeper_stays_when_others_come(pool: object, folder: Path, asker: Identity) -> None:
    write(folder, "m.md")
    await ingest(folder, asker)
    write(folder, "a.md")
    write(folder, "z.md")
    await ingest(folder, asker)
    assert await rows(asker.tenant) == {"a.md": "m.md", "m.md": None, "z.md": "m.md"}


async def test_a_keeper_that_others_may_no_longer_see_leaves_them_the_next(
    pool: object, folder: Path, asker: Identity
) -> None:
    for name in ("a.md", "b.md", "c.md"):
        write(folder, name)
    await ingest(folder, asker)
    (folder / "access.yaml").write_text('- paths: ["a.md"]\n  groups: [board]\n')
    await ingest(folder, asker)
    assert await found(asker) == {"b.md": ["c.md"]}
    assert await found(Identity(asker.tenant, "bob", ("board",))) == {"a.md": [], "b.md": ["c.md"]}
    (folder / "access.yaml").write_text('- paths: ["[ac].md"]\n  groups: [board]\n')
    await ingest(folder, asker)
    assert await found(asker) == {"b.md": []}
    assert await found(Identity(asker.tenant, "bob", ("board",))) == {"a.md": ["c.md"], "b.md": []}
    await statistics_are_exact(asker.tenant)


async def test_a_keeper_that_is_deleted_by_hand_leaves_the_others_found_at_once(
    pool: object, folder: Path, asker: Identity
) -> None:
    for name in ("a.md", "b.md"):
        write(folder, name)
    await ingest(folder, asker)
    keeper = (await file_reports.list_files(asker))[0]
    assert await files.exclude(asker, [keeper["id"]]) == 1
    assert await found(asker) == {"b.md": []}
    await statistics_are_exact(asker.tenant)


async def test_a_search_in_a_duplicate_finds_its_keeper(pool: object, folder: Path, asker: Identity) -> None:
    for name in ("a.md", "b.md"):
        write(folder, name)
    await ingest(folder, asker)
    (second,) = (await file_reports.list_files(asker))[1]["documents"]
    hits = await rerank(
        asker, "alder", await find(asker, "alder berth", filters=Filters(documents=[second])), 5
    )
    assert {hit["document"] for hit in hits} == {"a.md"}


async def test_the_outcome_does_not_depend_on_what_is_read_first(
    pool: object, folder: Path, asker: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chain: each document is near the next, the ends are far from each other."""
    from nodes import merge_duplicates, take_files

    text = RULES
    for name, gate in zip("abcdef", "red blue green grey black white".split(), strict=True):
        write(folder, f"{name}.md", start=text)
        text = text.replace(f"{gate} gate", "old gate")
    await ingest(folder, asker)
    expected = await rows(asker.tenant)
    assert 1 < list(expected.values()).count(None) < 6
    for batch, page in ((1, 1), (2, 3)):
        monkeypatch.setattr(take_files, "BATCH", batch)
        monkeypatch.setattr(merge_duplicates, "AT_A_TIME", page)
        other = Identity(f"{asker.tenant}-{batch}", "ann", local=True)
        await ingest(folder, other)
        assert await rows(other.tenant) == expected


@pytest.mark.parametrize("step", ["store", "settle"])
async def test_a_run_that_is_cut_short_ends_as_if_nothing_had_been(
    pool: object, folder: Path, asker: Identity, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from nodes import merge_duplicates, store_files, take_files

    for name in "abcdef":
        write(folder, f"{name}.md", "The ferry takes 40 people." if name in "bdf" else "")
    await ingest(folder, asker)
    expected = await rows(asker.tenant)
    monkeypatch.setattr(merge_duplicates, "AT_A_TIME", 1)
    monkeypatch.setattr(take_files, "BATCH", 1)
    where = {"store": store_files, "settle": duplicates}[step]
    work, done = getattr(where, step), 0

    async def failing(*given: object) -> object:
        nonlocal done
        done += 1
        if done == 4:
            raise ConnectionAbortedError
        return await work(*given)

    monkeypatch.setattr(where, step, failing)
    other = Identity(f"{asker.tenant}-other", "ann", local=True)
    config = configure(other, str(uuid4()))
    with pytest.raises(ConnectionAbortedError):
        [event async for event in stream(build(), {"paths": [str(folder)]}, config)]
    events = [
        event async for event in stream(build(), None, configure(other, config["configurable"]["thread_id"]))
    ]
    assert events[-1][1]["report"]["added"] == 6
    assert await rows(other.tenant) == expected
    assert list(expected.values()) == [None, None, "a.md", "b.md", "a.md", "b.md"]
    await statistics_are_exact(other.tenant)
