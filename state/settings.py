"""Settings, read from the environment only (prefix KAIROS_)."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every variable is documented in `.env.example`."""

    model_config = SettingsConfigDict(env_prefix="KAIROS_", env_ignore_empty=True, extra="ignore")

    home: Path = Path(".kairos")
    database_url: SecretStr | None = None
    secret_key: SecretStr | None = None
    public_url: HttpUrl | None = None
    pool_max: int = 10
    ingest_roots: list[Path] = []
    fetch_allow: list[str] = []
    parse_seconds: float = Field(60, gt=0)
    parse_memory_mb: int = Field(1024, ge=128)
    parse_workers: int = Field(os.cpu_count() or 1, ge=1)
    local_groups: list[str] = []
    users: Path | None = None
    operators: list[str] = []
    embedder: str = "minilm"
    embedder_model: str | None = None
    embedder_url: str | None = None
    embedder_key: SecretStr | None = None
    reranker: str = "local"
    reranker_model: str | None = None
    reranker_url: str | None = None
    reranker_key: SecretStr | None = None
    reranker_seconds: float = Field(2, gt=0)
    limits_without_database: Literal["refuse", "allow"] = "refuse"
    guards: Path | None = None
    approvals_webhook: SecretStr | None = None
    models: Path | None = None
    tools: Path | None = None
    model_url: str | None = None
    model_key: SecretStr | None = None
    model_name: str | None = None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once on first use."""
    return Settings()
