"""Files on disk: which are found, under which names, and what is named as unreadable."""

import hashlib
import os
from pathlib import Path

import pytest

from state.errors import KairosError
from tools import files


def paths(*roots: Path) -> list[str]:
    return [found.path for found in files.find([str(root) for root in roots], [])]


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def test_files_are_found_in_order_with_hash_and_groups(tmp_path: Path) -> None:
    put(tmp_path, "b.md", "a.md", "deep/er/c.txt")
    found = files.find([str(tmp_path)], ["staff"])
    assert [file.path for file in found] == ["a.md", "b.md", "deep/er/c.txt"]
    assert found[0].uri == str(tmp_path / "a.md")
    assert found[0].sha256 == hashlib.sha256(b"a.md").digest()
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
    assert files.read(str(tmp_path / "a.md")) == b"a.md"
    with pytest.raises(KairosError, match=r"gone\.md cannot be read: No such file") as failed:
        files.read(str(tmp_path / "gone.md"))
    assert failed.value.code == "file_unreadable"
    monkeypatch.setattr(files, "LARGEST", 3)
    with pytest.raises(KairosError, match=r"a\.md is larger") as failed:
        files.read(str(tmp_path / "a.md"))
    assert failed.value.code == "file_too_large"
