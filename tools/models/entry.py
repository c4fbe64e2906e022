"""One entry of the model catalog: a deployment of a model, and what is known of it."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    PositiveInt,
    model_validator,
)

Role = Literal["answer", "agent", "judge", "rewrite", "context"]
Provider = Literal[
    "openai",
    "azure",
    "anthropic",
    "bedrock",
    "google",
    "cohere",
    "ollama",
    "openai_compatible",
    "extractive",
]
Capability = Literal["tools", "vision", "json_schema", "grammar", "logprobs", "embeddings", "rerank", "audio"]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1)]

OPENAI_PROTOCOL = frozenset({"openai", "azure", "ollama", "openai_compatible"})
"""Providers that are spoken to in the OpenAI protocol; the others go through their LangChain package."""

OPENAI_URL = "https://api.openai.com/v1"
_URLS = {"openai": OPENAI_URL, "ollama": "http://127.0.0.1:11434/v1"}
_KEYS = {
    "azure": "AZURE_OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GOOGLE_API_KEY",
    "cohere": "COHERE_API_KEY",
}
_CAPABILITIES: dict[str, tuple[Capability, ...]] = {
    "openai": ("tools", "vision", "json_schema", "logprobs"),
    "azure": ("tools", "vision", "json_schema", "logprobs"),
    "anthropic": ("tools", "vision"),
    "bedrock": ("tools",),
    "google": ("tools", "vision"),
    "cohere": ("tools",),
    "ollama": ("tools", "json_schema"),
    "openai_compatible": ("tools", "json_schema"),
    "extractive": (),
}
_ROLES: tuple[Role, ...] = ("answer", "agent", "judge", "rewrite", "context")
_NOT_TRANSLATED = frozenset({"json_schema", "grammar", "logprobs", "audio"})
_NO_CHAT = frozenset({"embeddings", "rerank"})


class Timeouts(BaseModel):
    """Seconds: to connect, to the first token, between two tokens, for the whole call (None: no limit)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: Seconds = 5.0
    first: Seconds = 60.0
    between: Seconds = 60.0
    total: Seconds | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_number(cls, given: Any) -> Any:
        """A plain number is the time without a byte."""
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"first": given, "between": given}
        return given


class Limits(BaseModel):
    """What the provider grants this deployment; `concurrent` is a bulkhead: calls in flight at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_minute: PositiveInt | None = None
    tokens_per_minute: PositiveInt | None = None
    concurrent: PositiveInt | None = None


class Entry(BaseModel):
    """A deployment of a model. Every field is explained in docs/models.example.yaml.

    Prices are USD per million tokens, context and max_output tokens. What is left out of base_url, key_env and
    capabilities depends on the provider.
    passage_order: how it reads passages best; long prompts lose their middle (Liu et al. 2023).
    local: nobody outside the house reads along, so it may be shown personal data that a guard policy hides from others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    provider: Provider
    model: str = ""
    base_url: HttpUrl | None = None
    api_version: str | None = None
    key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    serves: tuple[Name, ...] = ()
    roles: tuple[Role, ...] = _ROLES
    capabilities: frozenset[Capability] = frozenset()
    tier: Literal["small", "medium", "large"] | None = None
    input_price: Price | None = None
    output_price: Price | None = None
    cached_price: Price | None = None
    context: PositiveInt | None = None
    max_output: PositiveInt | None = None
    limits: Limits = Limits()
    region: Name | None = None
    retention: Name | None = None
    timeouts: Timeouts = Field(default=Timeouts(), validation_alias=AliasChoices("timeouts", "timeout"))
    passage_order: Literal["best_first", "best_at_ends"] = "best_at_ends"
    local: bool = False

    @property
    def chats(self) -> bool:
        """Whether it writes text: a deployment that embeds or ranks does nothing else."""
        return not self.capabilities & _NO_CHAT

    @property
    def priced(self) -> bool:
        """Whether what a call costs can be said."""
        return self.input_price is not None and self.output_price is not None

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        provider = str(given.get("provider"))
        capabilities = given.get("capabilities", _CAPABILITIES.get(provider, ()))
        embeds = isinstance(capabilities, list | tuple | set | frozenset) and any(
            one in _NO_CHAT for one in capabilities if isinstance(one, str)
        )
        defaults = {
            "capabilities": capabilities,
            "base_url": _URLS.get(provider),
            "key_env": _KEYS.get(provider),
            "roles": () if embeds else _ROLES,
            "local": provider == "extractive",
        }
        return {**defaults, **given}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.provider != "extractive" and not self.model:
            raise ValueError("the key 'model' is missing: the provider's own name of the model")
        if self.provider in OPENAI_PROTOCOL and self.base_url is None:
            raise ValueError("the key 'base_url' is missing: the address of the server")
        if self.base_url and (self.base_url.username or self.base_url.password):
            raise ValueError("the key 'base_url' holds a user or a password; name a variable in 'key_env'")
        if self.provider == "bedrock" and self.region is None:
            raise ValueError("the key 'region' is missing: the AWS region, such as eu-central-1")
        if self.api_version is not None and self.provider != "azure":
            raise ValueError("the key 'api_version' is only for azure")
        if not self.chats and self.provider not in OPENAI_PROTOCOL:
            raise ValueError(
                "embeddings and rerank are only called over the OpenAI protocol (openai_compatible)"
            )
        if self.provider not in OPENAI_PROTOCOL and (lost := self.capabilities & _NOT_TRANSLATED):
            raise ValueError(
                f"{' and '.join(sorted(lost))} cannot be asked of {self.provider} through its package"
            )
        if self.roles and not self.chats:
            raise ValueError("a model that embeds or ranks serves no role; leave the key 'roles' out")
        return self
