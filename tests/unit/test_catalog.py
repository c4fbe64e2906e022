"""The catalog of models: what a file and the environment configure, and which model serves a role."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from state.errors import KairosError
from state.settings import settings
from tools.models.catalog import catalog, choose, find, serves, unavailable

Write = Callable[[str], Path]

TWO = """\
models:
  - name: large
    provider: openai
    base_url: https://models.example.com/v1
    key_env: EXAMPLE_KEY
    model: large-2026
    input_price: 2.5
    output_price: 10
    context: 128000
  - name: small
    provider: openai
    base_url: http://127.0.0.1:9/v1
    model: small-2026
    roles: [rewrite]
  - name: extractive
    provider: extractive
    input_price: 0
    output_price: 0
"""


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("KAIROS_MODELS", "KAIROS_MODEL_URL", "KAIROS_MODEL_KEY", "KAIROS_MODEL_NAME", "EXAMPLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    catalog.cache_clear()
    yield
    settings.cache_clear()
    catalog.cache_clear()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write_catalog(text: str) -> Path:
        path = tmp_path / "models.yaml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("KAIROS_MODELS", str(path))
        return path

    return write_catalog


def test_nothing_configured_is_the_extractive_model() -> None:
    assert list(catalog()) == ["extractive"]
    assert choose("answer").provider == "extractive"
    assert serves("answer")
    assert not serves("rewrite")
    with pytest.raises(KairosError, match="role rewrite \\(none serves it\\)") as failure:
        choose("rewrite")
    assert failure.value.code == "model_unavailable"


def test_first_available_model_serves_a_role(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(TWO)
    monkeypatch.setenv("EXAMPLE_KEY", "sk-secret")
    assert choose("answer").name == "large"
    assert choose("rewrite").name == "large"
    monkeypatch.delenv("EXAMPLE_KEY")
    assert choose("rewrite").name == "small"


def test_missing_key_is_said_and_not_covered_up(write: Write) -> None:
    write(TWO)
    assert unavailable(find("large")) == "the variable EXAMPLE_KEY is not set"
    assert serves("rewrite")
    with pytest.raises(KairosError, match="large: the variable EXAMPLE_KEY is not set") as failure:
        choose("answer")
    assert failure.value.code == "model_unavailable"


def test_model_asked_for_by_name(write: Write) -> None:
    write(TWO)
    assert choose("rewrite", "small").name == "small"
    assert choose("answer", "extractive").name == "extractive"
    with pytest.raises(KairosError, match="EXAMPLE_KEY is not set; available: extractive") as failure:
        choose("answer", "large")
    assert failure.value.code == "model_unavailable"
    with pytest.raises(KairosError, match="does not serve the role answer; available: extractive"):
        choose("answer", "small")
    with pytest.raises(KairosError, match="the catalog has: large, small, extractive") as failure:
        choose("answer", "gpt-0")
    assert failure.value.code == "model_unknown"


def test_own_catalog_may_leave_the_extractive_model_out(write: Write) -> None:
    write("models: [{name: small, provider: openai, model: s, roles: [rewrite]}]")
    with pytest.raises(KairosError, match="role answer \\(none serves it\\)"):
        choose("answer")


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("base_url: https", "base_ur: https", 4, "models.0.base_ur: Extra inputs"),
        (
            "provider: openai\n    base_url: http:",
            "provider: opena\n    base_url: http:",
            11,
            "models.1.provider: ",
        ),
        ("    model: large-2026\n", "", 2, "models.0: the key 'model' is missing"),
        ("input_price: 2.5", "input_price: -1", 7, "models.0.input_price: "),
        ("input_price: 2.5", "input_price: yes", 7, "models.0.input_price: "),
        ("context: 128000", "context: 0", 9, "models.0.context: "),
        ("roles: [rewrite]", "roles: [rewrite, anwser]", 14, "models.1.roles.1: "),
        ("name: small", "name: large", 10, "models.1.name: the name 'large' is taken"),
        ("base_url: http://127", "base_url: ftp://127", 12, "models.1.base_url: "),
        ("  - name: small", "\t- name: small", 10, "found character"),
        ("models:", "model:", 1, "models: Field required"),
    ],
)
def test_mistake_names_file_line_and_key(write: Write, before: str, after: str, line: int, says: str) -> None:
    assert before in TWO
    path = write(TWO.replace(before, after, 1))
    with pytest.raises(KairosError) as failure:
        catalog()
    assert failure.value.code == "catalog_invalid"
    assert re.match(rf"{path}, line {line}\b", failure.value.sentence)
    assert says in failure.value.sentence


def test_key_pasted_into_the_file_is_refused_and_not_repeated(write: Write) -> None:
    write(TWO.replace("EXAMPLE_KEY", "sk-pasted-by-mistake"))
    with pytest.raises(KairosError, match=r"line 5, models\.0\.key_env") as failure:
        catalog()
    assert "sk-pasted" not in failure.value.sentence


def test_empty_missing_and_binary_files(write: Write) -> None:
    path = write("")
    with pytest.raises(KairosError, match="line 1, models: Field required"):
        catalog()
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KairosError, match="it is not UTF-8 text"):
        catalog()
    path.unlink()
    with pytest.raises(KairosError, match="cannot be read: No such file"):
        catalog()


def test_environment_configures_one_model_for_all_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIROS_MODEL_URL", "http://127.0.0.1:30000/v1")
    monkeypatch.setenv("KAIROS_MODEL_NAME", "qwen")
    assert choose("answer").name == choose("rewrite").name == "qwen"
    assert list(catalog()) == ["qwen", "extractive"]


def test_openai_by_environment_asks_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIROS_MODEL_NAME", "gpt")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-something-else")
    with pytest.raises(KairosError, match="gpt: the variable KAIROS_MODEL_KEY is not set"):
        choose("answer")


@pytest.mark.parametrize("variable", ["KAIROS_MODEL_KEY", "KAIROS_MODEL_URL"])
def test_environment_without_a_name(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://sk-secret")
    with pytest.raises(KairosError, match="KAIROS_MODEL_NAME is not set") as failure:
        catalog()
    assert "sk-secret" not in failure.value.sentence


def test_environment_with_a_wrong_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIROS_MODEL_NAME", "qwen")
    monkeypatch.setenv("KAIROS_MODEL_URL", "localhost:30000")
    with pytest.raises(KairosError, match="KAIROS_MODEL_URL is wrong"):
        catalog()


def test_the_door_is_light() -> None:
    code = "import sys, tools.models.door, tools.models.errors; print('openai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
