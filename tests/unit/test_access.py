"""Access files: who may read which file, and what is refused."""

from pathlib import Path, PurePosixPath

import pytest

from state.errors import KairosError
from tools.access import AccessFiles


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "access.yaml").write_text(text)
    return folder


def groups(file: Path, *default: str) -> list[str]:
    return AccessFiles().groups(file, default)


def test_without_an_access_file_the_default_holds(tmp_path: Path) -> None:
    assert groups(tmp_path / "a.md") == []
    assert groups(tmp_path / "a.md", "staff", "boards", "staff") == ["boards", "staff"]


def test_the_first_rule_that_matches_wins_and_overrides_the_default(tmp_path: Path) -> None:
    write(tmp_path, "- paths: [open.md]\n  groups: []\n- paths: ['*.md']\n  groups: [hr, board, hr]\n")
    assert groups(tmp_path / "open.md", "staff") == []
    assert groups(tmp_path / "pay.md", "staff") == ["board", "hr"]
    assert groups(tmp_path / "pay.pdf", "staff") == ["staff"]


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("pay.md", "pay.md", True),
        ("pay.md", "deep/er/pay.md", True),
        ("*.md", "deep/pay.md", True),
        ("pay.md", "Pay.md", False),
        ("pay.md", "repay.md", False),
        ("hr/*.md", "hr/pay.md", True),
        ("hr/*.md", "hr/deep/pay.md", False),
        ("hr/*.md", "other/hr/pay.md", False),
        ("hr/**", "hr/pay.md", True),
        ("hr/**", "hr/deep/er/pay.md", True),
        ("hr/**", "hrx/pay.md", False),
        ("hr/", "hr/deep/pay.md", True),
        ("hr/**/*.md", "hr/pay.md", True),
        ("hr/**/*.md", "hr/deep/er/pay.md", True),
        ("**/pay.md", "pay.md", True),
        ("**/pay.md", "deep/er/pay.md", True),
        ("**", "deep/pay.md", True),
        ("hr/pay-?.md", "hr/pay-7.md", True),
        ("hr/pay-[0-9].md", "hr/pay-7.md", True),
        ("hr/pay-[!0-9].md", "hr/pay-7.md", False),
        ("hr/a+b (c).md", "hr/a+b (c).md", True),
    ],
)
def test_globs(tmp_path: Path, glob: str, path: str, matches: bool) -> None:
    write(tmp_path, f"- paths: ['{glob}']\n  groups: [hr]\n")
    assert groups(tmp_path / path) == (["hr"] if matches else [])


def test_the_nearest_file_with_a_rule_for_it_speaks(tmp_path: Path) -> None:
    write(tmp_path, "- paths: ['**']\n  groups: [staff]\n")
    write(tmp_path / "hr", "- paths: [pay.md]\n  groups: [payroll]\n")
    assert groups(tmp_path / "hr" / "pay.md") == ["payroll"]
    assert groups(tmp_path / "hr" / "other.md") == ["staff"]
    assert groups(tmp_path / "it" / "deep" / "vpn.md") == ["staff"]


def test_an_empty_access_file_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, "# nobody is restricted\n")
    assert groups(tmp_path / "a.md", "staff") == ["staff"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- paths: pay.md\n  groups: [hr]\n", "0.paths"),
        ("- paths: [pay.md]\n", "0.groups"),
        ("- paths: [pay.md]\n  groups: hr\n", "0.groups"),
        ("- paths: [pay.md]\n  group: [hr]\n", "0.group"),
        ("- paths: [pay.md]\n  groups: [7]\n", "0.groups.0"),
        ("paths: [pay.md]\ngroups: [hr]\n", "list"),
        ("{}", "list"),
        ("false", "list"),
        ("- [paths: \n", "line"),
        ("- paths: [2024-13-45]\n  groups: [hr]\n", "month"),
        ("- paths: !!python/name:os.system\n", "python/name"),
        ("\x00", "access.yaml"),
        ("[" * 20_000, "access.yaml"),
    ],
)
def test_what_is_not_a_list_of_rules_is_refused_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, text)
    with pytest.raises(KairosError, match="nothing was ingested") as refused:
        groups(tmp_path / "a.md")
    assert refused.value.code == "access_invalid"
    assert says in refused.value.sentence
    assert str(tmp_path / "access.yaml") in refused.value.sentence
    assert "\n" not in refused.value.sentence


def test_an_access_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "access.yaml").write_bytes(b"- paths: [caf\xe9]\n")
    with pytest.raises(KairosError, match="utf-8"):
        groups(tmp_path / "a.md")
    (tmp_path / "access.yaml").unlink()
    (tmp_path / "access.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(KairosError, match="No such file"):
        groups(tmp_path / "a.md")
    (tmp_path / "access.yaml").unlink()
    (tmp_path / "access.yaml").mkdir()
    with pytest.raises(KairosError, match="directory"):
        groups(tmp_path / "a.md")


def test_both_spellings_are_read_but_not_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, "[]")
    (tmp_path / "access.yaml").rename(tmp_path / "access.yml")
    (tmp_path / "access.yml").write_text("- paths: [pay.md]\n  groups: [hr]\n")
    assert groups(tmp_path / "pay.md") == ["hr"]
    write(tmp_path, "[]")
    with pytest.raises(KairosError, match=r"both access\.yaml and access\.yml") as refused:
        groups(tmp_path / "pay.md")
    assert refused.value.code == "access_invalid"


def test_rules_need_not_lie_on_disk() -> None:
    kept = {"hr/access.yml": b"- paths: ['**']\n  groups: [payroll]\n"}
    access = AccessFiles(lambda file: kept.get(str(file)))
    assert access.groups(PurePosixPath("hr/deep/pay.md"), ["staff"]) == ["payroll"]
    assert access.groups(PurePosixPath("it/vpn.md"), ["staff"]) == ["staff"]
