"""Where and how an entry is called over the OpenAI protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.models.availability import key
from tools.models.entry import OPENAI_PROTOCOL, Entry


@dataclass(frozen=True, slots=True)
class Address:
    """`base` is what `/chat/completions` and the like are added to; the headers hold the key."""

    base: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str]


def address(entry: Entry) -> Address | None:
    """How to call an entry by bytes; None where its provider speaks another protocol.

    Azure's v1 address (…/openai/v1) is plain OpenAI with the header `api-key`; with `api_version`, base_url is the
    resource, the model is the name of the deployment, and the version goes into the query.
    """
    if entry.provider not in OPENAI_PROTOCOL:
        return None
    base = str(entry.base_url).rstrip("/")
    secret = key(entry)
    if entry.provider != "azure":
        headers = {"authorization": f"Bearer {secret.get_secret_value()}"} if secret else {}
        return Address(base, headers, {})
    headers = {"api-key": secret.get_secret_value()} if secret else {}
    if entry.api_version is None:
        return Address(base, headers, {})
    return Address(f"{base}/openai/deployments/{entry.model}", headers, {"api-version": entry.api_version})
