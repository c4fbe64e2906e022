"""Which built-in tools are there, by the file of KAIROS_TOOLS."""

from pathlib import Path

import pytest

from state.errors import KairosError
from state.settings import settings
from tools.builtin.offered import find, offered
from tools.builtin.settings import read

ALL = """
http_get: {hosts: [example.org, "*.wiki.example"], risk: read}
sql_query:
  schema: shop
  tables: [orders]
  rows: 50
python: {seconds: 2}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "tools.yaml"
    path.write_text(text)
    return path


def test_without_a_file_only_what_reaches_nothing_is_there() -> None:
    assert list(offered(read(None))) == ["builtin.calculator", "builtin.date_time", "builtin.python"]


def test_a_file_adds_and_takes_away(tmp_path: Path) -> None:
    tools = offered(read(write(tmp_path, ALL + "calculator: {enabled: false}\n")))
    assert list(tools) == ["builtin.date_time", "builtin.python", "builtin.http_get", "builtin.sql_query"]
    assert tools["builtin.http_get"].risk == "read"
    assert "shop: orders" in tools["builtin.sql_query"].description


def test_a_get_is_outward_unless_said_otherwise(tmp_path: Path) -> None:
    tools = offered(read(write(tmp_path, "http_get: {hosts: [example.org]}")))
    assert tools["builtin.http_get"].risk == "outward"


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("pyton: {}", "line 1, pyton", "Extra inputs"),
        ("python:\n  seconds: 0", "line 2, python.seconds", "greater than 0"),
        ("http_get: {hosts: []}", "line 1, http_get.hosts", "at least 1"),
        ("http_get:\n  hosts:\n    - http://a", "line 3", "pattern"),
        ('http_get: {hosts: ["*.0.0.1"]}', "line 1, http_get.hosts", "pattern"),
        ('http_get: {hosts: ["*"]}', "line 1, http_get.hosts", "pattern"),
        ("sql_query: {schema: shop}", "line 1, sql_query.tables", "required"),
        ("sql_query: {schema: public, tables: [a]}", "line 1, sql_query", "never granted"),
        ("sql_query: {schema: pg_catalog, tables: [pg_authid]}", "line 1, sql_query", "never granted"),
        ('sql_query: {schema: shop, tables: ["a; drop table b"]}', "line 1", "pattern"),
        ("a: [", "line 1", "expected the node content"),
        ("- 1", "line 1", "valid dictionary"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, where: str, why: str) -> None:
    with pytest.raises(KairosError) as wrong:
        read(write(tmp_path, text))
    assert wrong.value.code == "tools_invalid"
    assert where in wrong.value.sentence
    assert why in wrong.value.sentence


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KairosError, match=r"tools.yaml cannot be read"):
        read(tmp_path / "tools.yaml")


def test_a_tool_is_found_with_and_without_its_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAIROS_TOOLS", raising=False)
    settings.cache_clear()
    assert find("calculator") is find("builtin.calculator")
    with pytest.raises(KairosError) as unknown:
        find("http_get")
    assert unknown.value.code == "tool_unknown"
    assert "builtin.python" in unknown.value.sentence
    settings.cache_clear()
