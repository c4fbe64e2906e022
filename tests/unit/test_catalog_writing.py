"""Entries are added to the catalog file as text: comments, order and layout stay."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from state.errors import KairosError
from tools.models.reading import read
from tools.models.writing import add

NEW = {"name": "new", "provider": "ollama", "model": "m:1 #x", "capabilities": ["tools"], "input_price": 1e-7}
PLAIN = """\
# Ours.
models:
    # The first.
    - name: a
      provider: ollama
      model: m  # small
      limits:
          concurrent: 2

# How.
routing: {order: cost}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models.yaml"


def names(path: Path) -> list[str]:
    return [entry.name for entry in read(path).models]


def test_it_stands_behind_the_last_one_and_nothing_else_changes(path: Path) -> None:
    path.write_text(PLAIN)
    add(path, [NEW, {**NEW, "name": "no"}])
    text = path.read_text()
    before, end = PLAIN.split("concurrent: 2\n")
    assert text.startswith(f"{before}concurrent: 2\n    - name: new\n      provider: ollama\n")
    assert text.endswith(end)
    assert read(path).models[1].model_dump(include=set(NEW)) == {**NEW, "capabilities": {"tools"}}
    assert names(path) == ["a", "new", "no"]


@pytest.mark.parametrize(
    "text",
    [
        "models:\n- {name: a, provider: ollama, model: m}",
        "models:\n- {name: a, provider: ollama, model: m}\nrouting:\n  order: cost",
        "routing:\n  order: cost\nmodels:\n  - name: a\n    provider: ollama\n    model: m",
        "models:\n  - name: a\n    provider: ollama\n    model: |-\n      m\n\n# end\n",
        "models:\n  - name: a\n    provider: ollama\n    model: m\n    roles: [answer,\n      judge]\n# end",
        "models:\n  - name: a\n    provider: ollama\n    model: m\n    context:\n# end",
        "models:\r\n  - name: a\r\n    provider: ollama\r\n    model: m\r\n",
    ],
)
def test_layouts(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
    before = yaml.safe_load(text)
    add(path, [NEW])
    assert names(path) == ["a", "new"]
    after = yaml.safe_load(path.read_text())
    assert after["models"].pop()["name"] == "new"
    assert after == before


def test_a_missing_file_is_made(path: Path) -> None:
    add(path, [NEW])
    assert names(path) == ["new"]


@pytest.mark.parametrize(
    ("text", "new", "says"),
    [
        (PLAIN, {**NEW, "name": "a"}, "the name 'a' is taken"),
        (PLAIN, {**NEW, "provider": "nobody"}, "models.1.provider: "),
        ("models: [{name: a, provider: ollama, model: m}]", NEW, "in brackets"),
        ("models: 7", NEW, "line 1, models: "),
        ("\tmodels:", NEW, "line 1: "),
    ],
)
def test_a_mistake_changes_nothing(path: Path, text: str, new: dict[str, Any], says: str) -> None:
    path.write_text(text)
    with pytest.raises(KairosError, match=says) as failure:
        add(path, [new])
    assert failure.value.code == "catalog_invalid"
    assert path.read_text() == text
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_what_may_read_the_file_stays(path: Path) -> None:
    path.write_text(PLAIN)
    path.chmod(0o640)
    add(path, [NEW])
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KairosError, match="cannot be written") as failure:
        add(tmp_path / "none" / "models.yaml", [NEW])
    assert failure.value.code == "catalog_unwritable"
