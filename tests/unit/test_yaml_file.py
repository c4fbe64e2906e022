"""Files that people write: what is read as what, and which mistakes are told where."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from state.errors import KairosError
from tools.yaml_file import YamlFile


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: list[str] = []
    count: int = 0


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = ""
    flag: bool = False
    parts: list[Inner] = []


def parsed(text: str) -> Outer:
    return YamlFile(Path("some.yaml"), text, "some_invalid").parsed(Outer)


def test_words_that_yaml_1_1_takes_for_booleans_and_dates_stay_words() -> None:
    found = parsed("name: 2026-11-21\nflag: true\nparts:\n  - on: [yes, no, on, off]\n")
    assert (found.name, found.flag) == ("2026-11-21", True)
    assert found.parts[0].on == ["yes", "no", "on", "off"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null", "~"])
def test_an_empty_file_has_the_defaults(text: str) -> None:
    assert parsed(text) == Outer()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("name: a\nparts:\n  - count: sk-pasted\n", "line 3, parts.0.count: Input should be a valid integer"),
        ("name: a\nname: sk-pasted\n", "line 2, name: this key is written twice"),
        ("parts:\n  - {on: [a],\n     on: [sk-pasted]}\n", "line 3, parts.0.on: this key is written twice"),
        ("name: a\nparts: [&a {count: 1}, *a]\nnme: sk-pasted\n", "line 3, nme: Extra inputs"),
        ("a: &x {b: sk-pasted}\nname: *y\n", "line 2: found undefined alias"),
        ("name: a\n\tflag: true\n", "line 2: found character '\\t'"),
        ("name: !!python/object:os.system sk-pasted\n", "line 1: could not determine a constructor"),
        ("name: 0x_\n", "line 1: a value in it cannot be read"),
        ("name: \x07\n", "line 1: this is not YAML"),
        ("- sk-pasted\n", "line 1: Input should be a valid dictionary"),
        ("name: " + "[" * 5_000, "line 1: it is nested too deeply"),
        ("name: a\n---\nname: b\n", "line 2: but found another document"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key_and_without_the_value(text: str, where: str) -> None:
    with pytest.raises(KairosError) as told:
        parsed(text)
    assert told.value.code == "some_invalid"
    assert told.value.sentence.startswith(f"some.yaml, {where}")
    assert "sk-pasted" not in told.value.sentence
    assert told.value.__suppress_context__


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    for path, reason in (
        (tmp_path / "none.yaml", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (tmp_path / "latin.yaml", "it is not UTF-8 text"),
    ):
        with pytest.raises(KairosError) as told:
            YamlFile.read(path, "some_invalid", "thing")
        assert told.value.sentence == f"The thing {path} cannot be read: {reason}."
