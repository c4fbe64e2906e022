"""Whether an entry can be used here: its key is set and its package is installed."""

import os
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec

from pydantic import SecretStr

from state.settings import settings
from tools.models.entry import Entry

SHORTCUT_KEY = "KAIROS_MODEL_KEY"
_PACKAGES = {
    "anthropic": "langchain_anthropic",
    "bedrock": "langchain_aws",
    "google": "langchain_google_genai",
    "cohere": "langchain_cohere",
}
"""LangChain's package of a provider; the extra of Kairos has the provider's name."""


def unavailable(entry: Entry) -> str | None:
    """Why an entry cannot be used now, or None if it can. Nothing is called."""
    if entry.key_env and key(entry) is None:
        return f"the variable {entry.key_env} is not set"
    package = _PACKAGES.get(entry.provider)
    if package and not _installed(package):
        return f"the package {package.replace('_', '-')} is not installed (pip install 'kairos[{entry.provider}]')"
    return None


def reasons(entries: Iterable[Entry]) -> dict[str, str]:
    """By name, why entries cannot be used now; those that can be are left out."""
    return {entry.name: reason for entry in entries if (reason := unavailable(entry))}


def key(entry: Entry) -> SecretStr | None:
    """The key of an entry, read from the environment."""
    if entry.key_env == SHORTCUT_KEY:
        return settings().model_key
    value = os.environ.get(entry.key_env or "")
    return SecretStr(value) if value else None


@cache
def _installed(package: str) -> bool:
    return find_spec(package) is not None
