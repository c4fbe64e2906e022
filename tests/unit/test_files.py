"""Files on disk: which are found, under which names, and what is named as unreadable."""

import os
import time
from pathlib import Path

import pytest

from state.errors import KairosError
from tools.sources import Found, Source, vanished
from tools.sources import folder as files


def paths(*roots: Path) -> list[str]:
    return [found.path for found in files.find([str(root) for root in roots], [])]


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def test_files_are_found_in_order_with_stamps_and_groups(tmp_path: Path) -> None:
    put(tmp_path, "b.md", "a.md", "deep/er/c.txt")
    found = files.find([str(tmp_path)], ["staff"])
    assert [file.path for file in found] == ["a.md", "b.md", "deep/er/c.txt"]
    assert found[0].uri == str(tmp_path / "a.md")
    assert len({file.stamp for file in found}) == 3
    assert found[0].groups == ["staff"]
    assert [file.error for file in found] == [None] * 3


def test_hidden_files_access_files_and_pipes_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a.md", ".hidden.md", ".git/config", "deep/.DS_Store")
    (tmp_path / "access.yaml").write_text("[]")
    os.mkfifo(tmp_path / "pipe.md")
    assert paths(tmp_path) == ["a.md"]


def test_what_is_named_twice_is_found_once(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "deep/b.md")
    assert paths(tmp_path, tmp_path / "deep", tmp_path / "a.md") == ["a.md", "deep/b.md"]


def test_a_single_file_is_shown_by_its_name(tmp_path: Path) -> None:
    put(tmp_path, "deep/b.md")
    assert paths(tmp_path / "deep" / "b.md") == ["b.md"]


def test_links_neither_loop_nor_lead_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "deep/a.md")
    put(tmp_path, "outside.md")
    (root / "deep" / "loop").symlink_to(root, target_is_directory=True)
    (root / "self.md").symlink_to(root / "self.md")
    (root / "out.md").symlink_to(tmp_path / "outside.md")
    (root / "dead.md").symlink_to(tmp_path / "gone.md")
    assert paths(root) == ["deep/a.md"]


def test_a_link_does_not_open_a_restricted_file(tmp_path: Path) -> None:
    put(tmp_path, "hr/pay.md")
    (tmp_path / "hr" / "access.yaml").write_text("- paths: ['**']\n  groups: [payroll]\n")
    (tmp_path / "open.md").symlink_to(tmp_path / "hr" / "pay.md")
    assert {file.path: file.groups for file in files.find([str(tmp_path)], [])} == {
        "hr/pay.md": ["payroll"],
        "open.md": ["payroll"],
    }


def test_a_name_that_is_not_utf8_is_a_named_failure(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")
    first, second = files.find([str(tmp_path)], [])
    assert (first.path, first.error) == ("a.md", None)
    assert second.path == "caf\ufffd.md"
    assert "UTF-8" in str(second.error)
    second.uri.encode()


def test_a_folder_that_cannot_be_listed_is_a_named_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.md", "locked/b.md")
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    first, second = files.find([str(tmp_path)], [])
    assert (first.path, first.error) == ("a.md", None)
    assert (second.path, second.uri) == ("locked", str(tmp_path / "locked"))
    assert second.error == "Permission denied"


@pytest.mark.parametrize("given", ["", "gone", "gone/deeper", "a.md/b", "nul\x00", "x" * 5_000, "caf\udce9"])
def test_a_path_that_is_not_there_is_one_sentence(tmp_path: Path, given: str) -> None:
    put(tmp_path, "a.md")
    with pytest.raises(KairosError) as missing:
        files.resolve(str(tmp_path / given) if given else "")
    assert missing.value.code == "path_missing"
    assert "\n" not in missing.value.sentence
    missing.value.sentence.encode()


def test_a_loop_of_links_as_the_path_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(KairosError, match="loop"):
        files.resolve(str(tmp_path / "loop"))


def test_reading_names_what_went_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.md")
    assert data(tmp_path, "a.md") == b"a.md"
    with pytest.raises(KairosError, match=r"gone\.md cannot be read: No such file") as failed:
        data(tmp_path, "gone.md")
    assert failed.value.code == "file_unreadable"
    monkeypatch.setattr(files, "LARGEST", 3)
    with pytest.raises(KairosError, match=r"a\.md is larger") as failed:
        data(tmp_path, "a.md")
    assert failed.value.code == "file_too_large"


def test_reading_follows_no_link_that_leads_out_and_opens_no_pipe(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "deep/a.md")
    put(tmp_path, "outside/a.md")
    (root / "out.md").symlink_to(tmp_path / "outside" / "a.md")
    (root / "in.md").symlink_to(root / "deep" / "a.md")
    os.mkfifo(root / "pipe.md")
    assert data(root, "in.md") == b"deep/a.md"
    for name in ("out.md", "pipe.md", "deep", "../outside/a.md"):
        with pytest.raises(KairosError, match="cannot be read") as refused:
            data(root, name)
        assert refused.value.code == "file_unreadable"


def test_a_folder_that_becomes_a_link_after_it_was_resolved_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "deep/a.md")
    put(tmp_path, "outside/a.md")
    resolved = root / "deep" / "a.md"
    (root / "deep").rename(root / "moved")
    (root / "deep").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        files._open_below(root, resolved)


def test_a_stamp_stands_for_the_content(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    settle(tmp_path / "a.md")
    stamp = stamps(tmp_path)["a.md"]
    assert stamps(tmp_path)["a.md"] == stamp
    assert files.read(str(tmp_path), str(tmp_path / "a.md"), stamp) is None
    before = os.stat(tmp_path / "a.md")
    (tmp_path / "a.md").write_text("A.md")
    os.utime(tmp_path / "a.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    settle(tmp_path / "a.md")
    assert stamps(tmp_path)["a.md"] != stamp, "same size and time of change, other content"
    assert data(tmp_path, "a.md", stamp) == b"A.md"


def test_a_file_that_changed_a_moment_ago_is_read_once_more(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    fresh = stamps(tmp_path)["a.md"]
    assert "?" in fresh
    assert stamps(tmp_path)["a.md"] != fresh
    settle(tmp_path / "a.md")
    assert "?" not in stamps(tmp_path)["a.md"]


def test_a_link_is_as_new_as_what_it_leads_to(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.md")
    (tmp_path / "link.md").symlink_to("a.md")
    settle(tmp_path / "a.md", tmp_path / "b.md")
    first = stamps(tmp_path)
    assert first["link.md"] == first["a.md"]
    (tmp_path / "link.md").unlink()
    (tmp_path / "link.md").symlink_to("b.md")
    assert stamps(tmp_path)["link.md"] == first["b.md"]


def test_links_show_nothing_that_is_hidden(tmp_path: Path) -> None:
    put(tmp_path, ".secret/key.md", "access.yaml")
    (tmp_path / "access.yaml").write_text("[]")
    (tmp_path / "key.md").symlink_to(tmp_path / ".secret" / "key.md")
    (tmp_path / "rules.md").symlink_to(tmp_path / "access.yaml")
    assert paths(tmp_path) == []


def test_odd_names_keep_their_identity_and_are_shown_on_one_line(tmp_path: Path) -> None:
    names = ["new\nline.md", "quo\"te's.md", "turn\u202efdp.md", "\u05d0\u05d1.md", "semi;$(x).md", " .md"]
    for name in names:
        (tmp_path / name).write_text(name)
    found = {file.uri: file for file in files.find([str(tmp_path)], [])}
    assert set(found) == {str(tmp_path / name) for name in names}
    for name in names:
        assert data(tmp_path, name) == name.encode()
    assert found[str(tmp_path / "new\nline.md")].path == "new\\nline.md"
    assert found[str(tmp_path / "turn\u202efdp.md")].path == "turn\\u202efdp.md"
    assert found[str(tmp_path / "\u05d0\u05d1.md")].path == "\u05d0\u05d1.md"


def test_a_pipe_named_as_the_source_is_a_failure(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (found,) = files.find([str(tmp_path / "pipe.md")], [])
    assert found.error == "Not a directory"


def test_what_could_not_be_read_is_not_gone() -> None:
    source = Source("folder", "/docs")
    found = [Found("/docs/a.md", "a.md", []), Found("/docs/locked", "locked", [], error="Permission denied")]
    stored = ["/docs/a.md", "/docs/b.md", "/docs/locked/c.md", "/docs/locked-too/d.md"]
    assert vanished(source, found, stored) == ["/docs/b.md", "/docs/locked-too/d.md"]
    assert vanished(source, [*found, Found("/docs", "docs", [], error="Input/output error")], stored) == []


def data(root: Path, name: str, stamp: str | None = None) -> bytes:
    fetched = files.read(str(root), str(root / name), stamp)
    assert fetched
    return fetched.data


def stamps(root: Path) -> dict[str, str]:
    return {found.path: str(found.stamp) for found in files.find([str(root)], [])}


def settle(*changed: Path) -> None:
    """Wait until the last change is old enough for its time to be trusted."""
    while any("?" in files._stamp(file.stat()) for file in changed):
        time.sleep(0.02)
