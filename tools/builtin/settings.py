"""Which built-in tools there are, and what they may do: the YAML file that KAIROS_TOOLS names.

Without one there are those that can reach nothing: calculator, date_time and python. What reads the web or tables is
there only where somebody has said which. Servers stand in the same file, and are read by `tools.mcp.declared`.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.mcp.declared import Name, Server
from tools.yaml_file import YamlFile

_Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_$]{0,62}$")]
_Host = Annotated[str, Field(pattern=r"^(\*\.([a-z0-9-]+\.)*[a-z][a-z0-9-]*|[a-z0-9._-]+)$", max_length=253)]
_OWN = ("public", "information_schema")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Switch(_Part):
    """A tool without settings of its own."""

    enabled: bool = True


class Python(Switch):
    """Limits of one run; those of `tools.sandbox.Limits`."""

    seconds: float = Field(5, gt=0, le=60)
    memory_mb: int = Field(128, ge=32, le=2048)
    output_chars: int = Field(20_000, ge=100, le=200_000)


class HttpGet(_Part):
    """hosts: "example.org", or "*.example.org" for those below it. Addresses that are not public need, beside that,
    KAIROS_FETCH_ALLOW. risk: a URL can carry something out; say `read` where the hosts are your own.
    """

    hosts: tuple[_Host, ...] = Field(min_length=1)
    risk: Literal["outward", "read"] = "outward"
    seconds: float = Field(20, gt=0, le=120)
    largest_mb: float = Field(5, gt=0, le=50)
    chars: int = Field(20_000, ge=100, le=200_000)

    @property
    def largest_bytes(self) -> int:
        return int(self.largest_mb * 1_000_000)


class SqlQuery(_Part):
    """Tables of one schema, which `kairos tools grant` lets be read; limits of one question."""

    schema_: _Name = Field(alias="schema")
    tables: tuple[_Name, ...] = Field(min_length=1)
    rows: int = Field(200, ge=1, le=2000)
    seconds: float = Field(5, gt=0, le=60)

    @model_validator(mode="after")
    def _not_ours(self) -> Self:
        if self.schema_ in _OWN or self.schema_.startswith("pg_"):
            raise ValueError(
                f"the schema {self.schema_!r} is never granted: put the tables into one of their own"
            )
        return self


class ToolSettings(_Part):
    """The file as a whole."""

    calculator: Switch = Switch()
    date_time: Switch = Switch()
    python: Python = Python()
    http_get: HttpGet | None = None
    sql_query: SqlQuery | None = None
    servers: dict[Name, Server] = {}


def read(path: Path | None) -> ToolSettings:
    """The settings of a file, or those without one. Raises KairosError tools_invalid, with file, line and key."""
    if path is None:
        return ToolSettings()
    return YamlFile.read(path, "tools_invalid", "file of tools").parsed(ToolSettings)
