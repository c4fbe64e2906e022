"""Collections follow their sources: every kind, through the whole machine, with what can go wrong at the other end."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from state.identity import Identity
from state.postgres import collections, documents
from state.postgres.pool import admin
from state.settings import settings
from tests.fixtures.bucket import Bucket
from tests.fixtures.ingestion import add, counts, ingest, somebody, sync
from tests.fixtures.web_server import Page, Site, answers, in_turn, site, status
from tests.integration.test_documents import statistics_are_exact, tables_holding
from tools.rerank.rank import rerank
from tools.retrieval import find
from tools.sources import http


@pytest.fixture
def asker() -> Identity:
    return somebody()


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as there:
        yield there


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BACKOFF_S", 0.001)
    monkeypatch.setattr(settings(), "fetch_allow", ["127.0.0.1/32"])


def page(name: str, etag: str = "") -> Page:
    """A page about one lamp; a server that knows an ETag answers 304."""
    body = answers(
        f"# Lamp {name}\n\nLamp {name} hangs in the hall.\n".encode(), **({"ETag": etag} if etag else {})
    )

    async def answer(request, writer) -> None:  # type: ignore[no-untyped-def]
        known = etag and request.headers.get("if-none-match") == etag
        await (status(304) if known else body)(request, writer)

    return answer


def sitemap(web: Site, *paths: str) -> Page:
    listed = "".join(f"<url><loc>{web.url}{path}</loc></url>" for path in paths)
    return answers(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'.encode())


async def said(asker: Identity, text: str = "lamp in the hall") -> str:
    return " ".join(p["text"] for p in await rerank(asker, text, await find(asker, text), 9))


async def test_urls_are_asked_for_what_changed(pool: object, web: Site, asker: Identity) -> None:
    web.pages |= {"/a.md": page("amber", '"1"'), "/b.md": page("blue")}
    await add(asker, "urls", f"{web.url}/a.md\n{web.url}/b.md")
    assert counts(await sync(asker)) == {"added": 2}
    web.asked.clear()
    assert counts(await sync(asker)) == {"unchanged": 2}
    sent = {request.path: request.headers.get("if-none-match") for request in web.asked}
    assert sent == {"/a.md": '"1"', "/b.md": None}
    web.pages["/a.md"] = page("amethyst", '"2"')
    assert counts(await sync(asker)) == {"updated": 1, "unchanged": 1}
    found = await said(asker)
    assert "amethyst" in found
    assert "amber" not in found


@pytest.mark.parametrize("code", [404, 410])
async def test_a_page_that_is_gone_leaves_no_trace(
    pool: object, web: Site, asker: Identity, code: int
) -> None:
    marker = f"zq{uuid4().hex[:12]}7"
    web.pages |= {"/a.md": page(marker), "/b.md": page("blue")}
    await add(asker, "urls", f"{web.url}/a.md {web.url}/b.md")
    await sync(asker)
    assert "public.chunks" in await tables_holding(marker)
    web.pages["/a.md"] = status(code)
    assert counts(await sync(asker)) == {"unchanged": 1, "deleted": 1}
    assert await tables_holding(marker) == []
    await statistics_are_exact(asker.tenant)
    web.pages["/a.md"] = page("back")
    assert counts(await sync(asker)) == {"added": 1, "unchanged": 1}


@pytest.mark.parametrize("code", [429, 500, 503, 403])
async def test_a_page_that_fails_keeps_what_is_stored(
    pool: object, web: Site, asker: Identity, code: int
) -> None:
    web.pages |= {"/a.md": page("amber"), "/b.md": page("blue")}
    await add(asker, "urls", f"{web.url}/a.md\n{web.url}/b.md")
    await sync(asker)
    web.pages["/a.md"] = status(code)
    report = await sync(asker)
    assert counts(report) == {"unchanged": 1, "failed": 1}
    (failure,) = report["failures"]
    assert (failure["path"], failure["code"]) == (f"{web.url}/a.md", "fetch_failed")
    assert str(code) in failure["error"]
    assert "amber" in await said(asker)
    web.pages["/a.md"] = page("amber")
    assert counts(await sync(asker)) == {"unchanged": 2}


async def test_a_sitemap_rules_which_pages_there_are(pool: object, web: Site, asker: Identity) -> None:
    web.pages |= {f"/{name}.md": page(name, '"1"') for name in ("amber", "blue", "cyan", "secret")}
    web.pages["/robots.txt"] = answers(b"User-agent: *\nDisallow: /secret")
    web.pages["/sitemap.xml"] = sitemap(web, "/amber.md", "/blue.md", "/secret.md")
    await add(asker, "sitemap", f"{web.url}/sitemap.xml")
    first = await sync(asker)
    assert counts(first) == {"added": 2, "failed": 1}
    assert "robots.txt" in first["failures"][0]["error"]
    assert "/secret.md" not in web.paths()
    web.pages["/sitemap.xml"] = sitemap(web, "/blue.md", "/cyan.md")
    assert counts(await sync(asker)) == {"added": 1, "unchanged": 1, "deleted": 1}
    assert "amber" not in await said(asker)


async def test_a_source_that_cannot_be_reached_keeps_its_documents_and_is_named(
    pool: object, web: Site, asker: Identity, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "one.md").write_text("# Lamp one\n\nLamp one hangs in the hall.\n")
    web.pages |= {"/blue.md": page("blue"), "/sitemap.xml": sitemap(web, "/blue.md")}
    await add(asker, "folder", str(tmp_path / "docs"))
    await add(asker, "sitemap", f"{web.url}/sitemap.xml")
    assert counts(await sync(asker)) == {"added": 2}
    web.pages["/sitemap.xml"] = status(500)
    shutil.move(tmp_path / "docs", tmp_path / "away")
    for _ in range(2):
        report = await sync(asker)
        assert counts(report) == {"failed": 2}
        assert [failure["code"] for failure in report["failures"]] == ["path_missing", "fetch_failed"]
        assert await documents.count(asker) == 2
    shutil.move(tmp_path / "away", tmp_path / "docs")
    web.pages["/sitemap.xml"] = sitemap(web, "/blue.md")
    assert counts(await sync(asker)) == {"unchanged": 2}, (
        "a source that was away is no document that was deleted"
    )
    (row, _) = await collections.sources(asker, "web")
    assert row["files"] == 1


async def test_a_sitemap_that_lies_about_being_one_deletes_nothing(
    pool: object, web: Site, asker: Identity
) -> None:
    web.pages |= {"/blue.md": page("blue"), "/sitemap.xml": sitemap(web, "/blue.md")}
    await add(asker, "sitemap", f"{web.url}/sitemap.xml")
    await sync(asker)
    for broken in (answers(b"<html>We are moving!</html>"), answers(b""), answers(b"<urlset><url>")):
        web.pages["/sitemap.xml"] = broken
        report = await sync(asker)
        assert counts(report) == {"failed": 1}
        assert report["failures"][0]["code"] == "sitemap_invalid"
    assert await documents.count(asker) == 1


async def test_a_server_that_dies_in_the_middle_costs_no_page(
    pool: object, web: Site, asker: Identity
) -> None:
    names = [f"/{number}.md" for number in range(8)]
    web.pages |= {name: page(f"number{name[1]}") for name in names}
    await add(asker, "urls", "\n".join(web.url + name for name in names))
    await sync(asker)
    for name in names[4:]:
        web.pages[name] = in_turn(status(502))
    assert counts(await sync(asker)) == {"unchanged": 4, "failed": 4}
    assert await documents.count(asker) == 8


async def test_access_files_of_a_folder_hold_and_changes_come_at_once(
    pool: object, asker: Identity, tmp_path: Path
) -> None:
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "lamp.md").write_text("# Lamp\n\nLamp seven hangs in the hall.\n")
    (tmp_path / "hr" / "access.yml").write_text("- paths: ['**']\n  groups: [people]\n")
    await add(asker, "folder", str(tmp_path), "staff")
    assert counts(await sync(asker)) == {"added": 1}
    people = Identity(asker.tenant, "bob", ("people",))
    assert "seven" in await said(people)
    assert await said(Identity(asker.tenant, "eve", ("staff",))) == ""
    (tmp_path / "hr" / "access.yml").unlink()
    assert counts(await sync(asker)) == {"updated": 1}
    assert await said(people) == ""
    assert "seven" in await said(Identity(asker.tenant, "eve", ("staff",)))
    (tmp_path / "access.yaml").write_text("no rules at all")
    report = await sync(asker)
    assert counts(report) == {"failed": 1}
    assert report["failures"][0]["code"] == "access_invalid"
    assert await documents.count(asker) == 1


async def test_odd_names_and_links_in_a_folder(pool: object, asker: Identity, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name in ("new\nline.md", "quo\"te's.md", "turn\u202efdp.md", "semi;$(touch x).md", "%00.md"):
        (root / name).write_text(f"# Lamp\n\nLamp {name!a} hangs in the hall.\n")
    (root / "loop").symlink_to(root)
    (root / "out.md").symlink_to("/etc/passwd")
    (root / "self.md").symlink_to("self.md")
    await add(asker, "folder", str(root))
    report = await sync(asker)
    assert counts(report) == {"added": 5}
    assert counts(await sync(asker)) == {"unchanged": 5}
    (root / "new\nline.md").unlink()
    assert counts(await sync(asker)) == {"unchanged": 4, "deleted": 1}


def git(folder: Path, *arguments: str) -> str:
    author = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org"}
    author |= {"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org"}
    return subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder,
        env={**os.environ, **author, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def commit(work: Path, **pages: str | None) -> None:
    """Write pages (None: delete) and push them."""
    for name, text in pages.items():
        file = work / name.replace("__", "/")
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
    git(work, "add", "-A")
    git(work, "commit", "-m", "change")
    git(work, "push", "origin", "HEAD:main")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A working copy whose origin is a bare repository beside it."""
    git(tmp_path, "init", "--bare", "docs.git")
    git(tmp_path, "clone", str(tmp_path / "docs.git"), "work")
    (tmp_path / "work" / "lamp.md").symlink_to("/etc/passwd")
    return tmp_path / "work"


async def test_git_follows_the_newest_commit(pool: object, asker: Identity, work: Path) -> None:
    amber, blue = (f"# Lamp {name}\n\nLamp {name} hangs in the hall.\n" for name in ("amber", "blue"))
    rules = "- paths: ['*']\n  groups: [people]\n"
    commit(work, **{"amber.md": amber, "hr__blue.md": blue, "hr__access.yaml": rules, ".hidden.md": amber})
    await add(asker, "git", str(work.parent / "docs.git"))
    assert counts(await sync(asker)) == {"added": 2}
    assert "blue" not in await said(asker)
    assert "blue" in await said(Identity(asker.tenant, "bob", ("people",)))
    assert counts(await sync(asker)) == {"unchanged": 2}
    commit(work, **{"amber.md": amber.replace("amber", "apricot"), "hr__blue.md": None, "cyan.md": blue})
    assert counts(await sync(asker)) == {"added": 1, "updated": 1, "deleted": 1}
    git(work, "commit", "--allow-empty", "--amend", "-m", "history is rewritten")
    git(work, "push", "--force", "origin", "HEAD:main")
    assert counts(await sync(asker)) == {"unchanged": 2}
    shutil.rmtree(work.parent / "docs.git")
    report = await sync(asker)
    assert counts(report) == {"failed": 1}
    assert report["failures"][0]["code"] == "git_failed"
    assert await documents.count(asker) == 2


async def test_one_branch_and_path_of_a_repository(pool: object, asker: Identity, work: Path) -> None:
    commit(work, **{"a.md": "# A\n\nNot this one.\n", "docs__b.md": "# B\n\nThis one.\n"})
    git(work, "push", "origin", "HEAD:old")
    commit(work, **{"docs__b.md": "# B\n\nA newer one.\n"})
    await add(asker, "git", str(work.parent / "docs.git"), branch="old", path="docs")
    assert counts(await sync(asker)) == {"added": 1}
    assert "This one." in await said(asker, "this one")


@pytest.mark.parametrize(
    "location", ["ext::sh -c touch% /tmp/x", "--upload-pack=touch x", "ssh://-oProxyCommand=x/y"]
)
async def test_a_repository_runs_no_program_of_its_own(pool: object, asker: Identity, location: str) -> None:
    await add(asker, "git", location)
    report = await sync(asker)
    assert counts(report) == {"failed": 1}
    assert report["failures"][0]["code"] == "source_invalid"


async def test_a_bucket_is_read_by_etag(
    pool: object, web: Site, asker: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("obstore")
    bucket = Bucket("papers")
    web.pages = bucket
    for name, value in {
        "AWS_ENDPOINT_URL": web.url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    bucket.objects = {
        "lamps/amber.md": b"# Lamp amber\n\nLamp amber hangs in the hall.\n",
        "lamps/new line & <quote>.md": b"# Lamp blue\n\nLamp blue hangs in the hall.\n",
        "lamps/access.yaml": b"- paths: ['new*']\n  groups: [people]\n",
        "lamps/.hidden": b"x",
        "other/x.md": b"# Other\n\nNot to be read.\n",
    }
    await add(asker, "s3", "s3://papers/lamps")
    assert counts(await sync(asker)) == {"added": 2}
    assert "blue" not in await said(asker)
    web.asked.clear()
    assert counts(await sync(asker)) == {"unchanged": 2}
    assert not [path for path in web.paths() if ".md" in path], "equal ETags: nothing is fetched"
    bucket.objects["lamps/amber.md"] = b"# Lamp apricot\n\nLamp apricot hangs in the hall.\n"
    del bucket.objects["lamps/new line & <quote>.md"]
    assert counts(await sync(asker)) == {"updated": 1, "deleted": 1}
    bucket.down = True
    report = await sync(asker)
    assert counts(report) == {"failed": 1}
    assert report["failures"][0]["code"] == "s3_failed"
    assert await documents.count(asker) == 1


async def test_some_sources_of_a_collection(pool: object, asker: Identity, tmp_path: Path) -> None:
    numbers = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(f"# Lamp {name}\n\nLamp {name} hangs in the hall.\n")
        numbers.append(await add(asker, "folder", str(tmp_path / name)))
    assert counts(await ingest(asker, collection="web", sources=numbers[:1])) == {"added": 1}
    assert counts(await sync(asker)) == {"added": 1, "unchanged": 1}


async def test_what_another_recipe_made_is_made_anew_though_it_did_not_change(
    pool: object, web: Site, asker: Identity, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("# Lamp\n\nLamp seven hangs in the hall.\n")
    web.pages["/b.md"] = page("blue", '"1"')
    await add(asker, "folder", str(tmp_path))
    await add(asker, "urls", f"{web.url}/b.md")
    await sync(asker)
    await asyncio.sleep(0.15)  # so that the file's stamp is trusted
    assert counts(await sync(asker)) == {"unchanged": 2}
    async with admin() as connection:
        await connection.execute("UPDATE files SET recipe = 'old' WHERE tenant = %s", (asker.tenant,))
    assert counts(await sync(asker)) == {"updated": 2}
    assert counts(await sync(asker)) == {"unchanged": 2}


async def test_a_server_user_reads_a_folder_source_below_the_roots_only(
    pool: object, asker: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("# Lamp\n\nLamp seven hangs in the hall.\n")
    await add(asker, "folder", str(tmp_path))
    remote = Identity(asker.tenant, "ann")
    report = await sync(remote)
    assert [failure["code"] for failure in report["failures"]] == ["ingest_path_refused"]
    monkeypatch.setattr(settings(), "ingest_roots", [tmp_path])
    assert counts(await sync(remote)) == {"added": 1}
