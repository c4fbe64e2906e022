"""What an entry and a policy may say, what is assumed where they say nothing, and which mistakes are told."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, SecretStr, ValidationError

from state.errors import KairosError
from state.settings import settings
from tools.models import availability
from tools.models.address import address
from tools.models.availability import reasons, unavailable
from tools.models.entry import Entry, Limits, Timeouts
from tools.models.policy import Policy, Rule
from tools.models.providers import make
from tools.models.reading import parse, read

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "models.example.yaml"
URL = "http://127.0.0.1:9/v1"
HERE = {"base_url": URL}
KEY = "sk-very-secret"


def entry(provider: str, **more: Any) -> Entry:
    return Entry.model_validate({"name": "one", "provider": provider, "model": "m", **more})


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_example_holds_every_key_and_is_right() -> None:
    found = read(EXAMPLE)
    assert {"azure", "anthropic", "bedrock", "google", "cohere", "ollama"} < {
        e.provider for e in found.models
    }
    text = EXAMPLE.read_text(encoding="utf-8")
    kinds: tuple[type[BaseModel], ...] = (Entry, Limits, Timeouts, Policy, Rule)
    missing = [key for kind in kinds for key in kind.model_fields if not re.search(rf"\b{key}:", text)]
    assert not missing
    first = yaml.safe_load(text)["models"][0]
    assert Entry.model_fields.keys() - first.keys() == {"api_version"}


def test_defaults_depend_on_the_provider() -> None:
    assert str(entry("openai").base_url) == "https://api.openai.com/v1"
    assert str(entry("ollama").base_url) == "http://127.0.0.1:11434/v1"
    assert entry("anthropic").key_env == "ANTHROPIC_API_KEY"
    assert entry("anthropic", key_env="OTHER").key_env == "OTHER"
    assert "vision" in entry("openai").capabilities
    assert entry("openai", capabilities=["tools"]).capabilities == {"tools"}
    assert entry("openai", capabilities=[]).capabilities == set()
    assert entry("openai_compatible", **HERE, capabilities=["rerank"]).roles == ()


@pytest.mark.parametrize("key", ["timeout", "timeouts"])
def test_one_number_is_the_time_without_a_byte(key: str) -> None:
    assert entry("openai", **{key: 2}).timeouts == Timeouts(first=2, between=2)
    assert entry("openai", timeouts={"total": 9}).timeouts == Timeouts(total=9)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"provider": "openai_compatible"}, "'base_url' is missing"),
        ({"provider": "azure"}, "'base_url' is missing"),
        ({"provider": "bedrock"}, "'region' is missing"),
        ({"provider": "openai", "api_version": "1"}, "only for azure"),
        ({"provider": "openai", "capabilities": ["embeddings"], "roles": ["answer"]}, "serves no role"),
        ({"provider": "cohere", "capabilities": ["rerank"]}, "only called over the OpenAI protocol"),
        ({"provider": "openai", "base_url": "https://me:word@example.com/v1"}, "a user or a password"),
        ({"provider": "openai", "timeout": 0}, "greater than 0"),
        ({"provider": "openai", "timeout": True}, "valid"),
        ({"provider": "openai", "timeout": 1, "timeouts": {"first": 2}}, "Extra inputs"),
        ({"provider": "openai", "limits": {"concurrent": 0}}, "greater than 0"),
        ({"provider": "openai", "capabilities": "tools"}, "valid"),
        ({"provider": "openai", "capabilities": ["sight"]}, "Input should be"),
        ({"provider": ["openai"]}, "Input should be"),
    ],
)
def test_mistakes_in_an_entry(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Entry.model_validate({"name": "one", "model": "m", **fields})


CATALOG = """\
models:
  - {name: a, provider: ollama, model: m}
  - {name: b, provider: ollama, model: m}
routing:
  order: cost
  fallbacks:
    a: [b]
  rules:
    - tenant: acme
      allow: [a]
      deny: [b]
      canary: {model: b, share: 0.5}
      shadow: {model: b, share: 0.5}
"""


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("order: cost", "order: price", "line 5, routing.order: "),
        ("a: [b]", "c: [b]", "line 7, routing.fallbacks.c: there is no model 'c'"),
        ("a: [b]", "a: [b, c]", "line 7, routing.fallbacks.a.1: there is no model 'c'"),
        ("a: [b]", "a: [a]", "line 4, routing: the model 'a' cannot be a fallback of itself"),
        ("allow: [a]", "allow: [c]", "line 10, routing.rules.0.allow.0: there is no model 'c'"),
        ("allow: [a]", "allow: []", "line 10, routing.rules.0.allow: "),
        ("deny: [b]", "deny: [c]", "line 11, routing.rules.0.deny.0: there is no model 'c'"),
        ("canary: {model: b", "canary: {model: c", "line 12, routing.rules.0.canary.model: there is no"),
        ("0.5}\n      shadow", "5}\n      shadow", "line 12, routing.rules.0.canary.share: "),
        ("shadow: {model: b, share: 0.5}", "shadow: {model: b}", "line 13, routing.rules.0.shadow.share: "),
        ("tenant: acme", "tenants: acme", "line 9, routing.rules.0.tenants: Extra inputs"),
        (
            "provider: ollama, model: m}\nrouting",
            "provider: ollama}\nrouting",
            "line 3, models.1: the key 'model'",
        ),
        ("model: m}\nrouting", "model: m, timeout: x}\nrouting", "line 3, models.1.timeout: "),
    ],
)
def test_mistake_in_the_policy_names_line_and_key(before: str, after: str, where: str) -> None:
    parse(CATALOG, Path("m.yaml"))
    assert before in CATALOG
    with pytest.raises(KairosError) as failure:
        parse(CATALOG.replace(before, after, 1), Path("m.yaml"))
    assert failure.value.sentence.startswith(f"m.yaml, {where}"), failure.value.sentence


def test_a_policy_may_name_a_model_of_the_environment() -> None:
    text = CATALOG.replace("a: [b]", "a: [b, env]")
    assert parse(text, Path("m.yaml"), ["env"]).routing.fallbacks == {"a": ("b", "env")}


def test_missing_keys_and_packages_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert unavailable(entry("anthropic")) == "the variable ANTHROPIC_API_KEY is not set"
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(availability, "_installed", lambda package: False)
    told = "the package langchain-anthropic is not installed (pip install 'kairos[anthropic]')"
    assert unavailable(entry("anthropic")) == told
    assert reasons([entry("anthropic"), entry("ollama")]) == {"one": told}
    with pytest.raises(KairosError, match="langchain-anthropic is not installed") as failure:
        make(entry("anthropic"))
    assert failure.value.code == "model_unavailable"


def test_addresses_of_the_openai_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    plain = address(entry("openai", key_env="OPENAI_API_KEY"))
    assert plain is not None
    assert (plain.base, plain.headers) == ("https://api.openai.com/v1", {"authorization": f"Bearer {KEY}"})
    assert KEY not in repr(plain)
    keyless = address(entry("openai_compatible", base_url=f"{URL}/"))
    assert keyless is not None
    assert (keyless.base, keyless.headers, keyless.query) == (URL, {}, {})
    new = address(entry("azure", base_url="https://x.openai.azure.com/openai/v1/"))
    assert new is not None
    assert (new.base, new.headers) == ("https://x.openai.azure.com/openai/v1", {"api-key": KEY})
    old = address(entry("azure", base_url="https://x.openai.azure.com", api_version="2024-10-21"))
    assert old is not None
    assert old.base == "https://x.openai.azure.com/openai/deployments/m"
    assert old.query == {"api-version": "2024-10-21"}
    assert address(entry("anthropic")) is None


def test_prices_must_both_be_there() -> None:
    assert not entry("ollama", input_price=1).priced
    assert entry("ollama", input_price=0, output_price=0).priced


def test_keys_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_KEY", KEY)
    found = availability.key(entry("ollama", key_env="ONE_KEY"))
    assert isinstance(found, SecretStr)
    assert KEY not in repr(found)
