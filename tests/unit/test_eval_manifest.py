"""The reader of the format "files": what it keeps, and how each fault is named."""

from pathlib import Path

import pytest

from evals.manifest import load_files
from state.errors import KairosError

HEADER = "path,bytes,type,note,expected"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sub").mkdir(exist_ok=True)
    for name in ("a.txt", "b.pdf", "sub/c.txt"):
        (folder / name).write_text("A boat.")
    (folder / "manifest.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def fault(folder: Path) -> str:
    with pytest.raises(KairosError) as caught:
        load_files(folder)
    assert caught.value.code == "eval_data_invalid"
    return caught.value.sentence


def test_rows_keep_what_is_known(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.txt,7,txt,ok,text=A boat; or a  ferry",
        'b.pdf,7,pdf,encrypted;password=ab;large,"pages=3; text=He said ""ho"", twice"',
        "sub/c.txt,7,,,",
        "sub/c.txt,7,txt,,pages=12",
    )
    first, second, third, fourth = load_files(tmp_path)
    assert (first.path, first.type, first.notes) == ("a.txt", "txt", ("ok",))
    assert (first.pages, first.text) == (None, "A boat; or a  ferry")
    assert first.file == (tmp_path / "a.txt").resolve()
    assert (second.notes, second.pages, second.text) == (("encrypted", "large"), 3, 'He said "ho", twice')
    assert (third.path, third.type, third.notes, third.pages, third.text) == (
        "sub/c.txt",
        "none",
        (),
        None,
        None,
    )
    assert (fourth.pages, fourth.text) == (12, None)


def test_columns_are_found_by_name_and_unknown_ones_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "x,,ok,txt,a.txt,7", header="more,expected,note,type,path,bytes")
    (only,) = load_files(tmp_path)
    assert (only.path, only.type, only.notes) == ("a.txt", "txt", ("ok",))


def test_a_folder_of_sets_is_read_set_by_set(tmp_path: Path) -> None:
    for name in ("two", "one"):
        write(tmp_path / name, "a.txt,7,txt,ok,", "b.pdf,7,pdf,ok,")
    (tmp_path / "three").mkdir()
    assert [case.path for case in load_files(tmp_path)] == [
        "one/a.txt",
        "one/b.pdf",
        "two/a.txt",
        "two/b.pdf",
    ]
    assert [case.path for case in load_files(tmp_path, 3)] == ["one/a.txt", "one/b.pdf", "two/a.txt"]


@pytest.mark.parametrize("column", HEADER.split(","))
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    header = ",".join(name for name in HEADER.split(",") if name != column)
    said = fault(write(tmp_path, "a.txt,7,txt,ok", header=header))
    assert f"manifest.csv, line 1, column {column}: missing from the header" in said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("gone.txt,7,txt,ok,", "line 2, column path: no file gone.txt"),
        (",7,txt,ok,", "line 2, column path"),
        ("a.txt,7,txt,ok,words=3", "line 2, column expected"),
        ("a.txt,7,txt,ok,pages=many", "line 2, column expected"),
        ("a.txt,7,txt,ok", "line 2: 4 fields where the header has 5"),
        ('a.txt,7,txt,ok,"text=never closed', "line 2"),
    ],
)
def test_each_fault_is_named_with_its_place(tmp_path: Path, row: str, said: str) -> None:
    assert said in fault(write(tmp_path, row))


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    assert "manifest.csv: the file is missing" in fault(tmp_path)
