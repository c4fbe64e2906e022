"""The MCP servers that there are: `servers:` in the YAML file that KAIROS_TOOLS names, which `builtin.settings` reads.

Secrets are never in the file: it names environment variables, and their values are read when a server is reached.
"""

from fnmatch import fnmatchcase
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, PositiveInt, model_validator

from state.identity import Identity
from state.provenance import Risk

OURS = "builtin"
ASKER_FIELDS = frozenset({"tenant", "principal", "groups"})


def _of_the_asker(template: str) -> str:
    """A template that holds nothing but fields of the asker."""
    try:
        fields = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError:
        fields = {""}
    if not fields or fields - ASKER_FIELDS:
        raise ValueError("a template may hold {tenant}, {principal} and {groups}, and must hold one")
    return template


def _not_ours(name: str) -> str:
    if name == OURS:
        raise ValueError("this is the name of the tools that are built in")
    return name


Name = Annotated[
    str, AfterValidator(_not_ours), Field(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=24)
]
"""No double underscore: models see "server__tool"."""
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)]
Header = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=128)]
Template = Annotated[str, AfterValidator(_of_the_asker)]
Globs = tuple[str, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OAuth(_Part):
    """How a token is come by; client_id and client_secret are names of environment variables.

    client_credentials (RFC 6749, 4.4): one for all askers. authorization_code (4.1): each person signs in; without a
    client_id we register ourselves (RFC 7591).
    """

    flow: Literal["client_credentials", "authorization_code"] = "client_credentials"
    issuer: HttpUrl | None = None
    client_id: Variable | None = None
    client_secret: Variable | None = None
    scope: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = self.issuer, self.client_id, self.client_secret
        if self.flow == "client_credentials" and None in given:
            raise ValueError("client credentials need issuer, client_id and client_secret")
        if self.client_secret and None in given:
            raise ValueError("a client_secret is shown to its issuer alone: name client_id and issuer too")
        return self


class Lookup(_Part):
    """The tool that tells what came of a call: it takes the idempotency key as `argument`.

    Its structured result is {"found": bool, "text": str?}; where nothing is found the call never had its effect.
    """

    tool: str
    argument: str = "idempotency_key"


class Server(_Part):
    """A server as declared: either `command` (stdio) or `url` (streamable HTTP).

    env: names of variables that are passed on. headers: header to the name of the variable that holds its value;
    bearer: the name of the one that holds a token. as_user: header (over stdio: variable) to a template, so that each
    asker has a session of its own. tenants, groups: whose it is (none: everybody's). allow: tools that are offered.
    risks: the first glob that fits, in the file's order. trusted: what it says of its tools is believed, and what they
    give may be acted upon. idempotent: a second call with the same key changes nothing. pin: whether tools that are
    seen first are taken (`first`) or wait (`manual`). elicitation, sampling: it may ask people, or our models, while
    a tool runs; then it runs one call at a time. resources: what it lets be read is offered by two tools of ours.
    """

    command: str | None = None
    args: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    url: HttpUrl | None = None
    headers: dict[Header, Variable] = {}
    bearer: Variable | None = None
    oauth: OAuth | None = None
    as_user: dict[Header | Variable, Template] = {}
    tenants: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    allow: Globs = ("*",)
    risks: dict[str, Risk] = {}
    trusted: bool = False
    idempotent: Globs = ()
    lookup: Lookup | None = None
    pin: Literal["first", "manual"] = "first"
    elicitation: bool = False
    sampling: bool = False
    resources: bool = False
    open_seconds: float = Field(15, gt=0, le=120)
    seconds: float = Field(30, gt=0, le=55)
    idle_seconds: float = Field(300, gt=0)
    parallel: PositiveInt = 50
    largest_mb: float = Field(4, gt=0, le=50)
    result_chars: int = Field(20_000, ge=500, le=200_000)

    @model_validator(mode="after")
    def _one_transport(self) -> Self:
        if (self.command is None) == (self.url is None):
            raise ValueError("name either command (stdio) or url (streamable HTTP)")
        if self.command and (self.headers or self.bearer or self.oauth):
            raise ValueError("headers, bearer and oauth are for servers with a url")
        if self.url and (self.args or self.env):
            raise ValueError("args and env are for servers with a command")
        if self.url and (self.url.username or self.url.password):
            raise ValueError("a url holds no password: name the variable that does under headers or bearer")
        if taken := {name.lower() for name in self.as_user} & self._taken:
            raise ValueError(f"as_user must not say what {', '.join(sorted(taken))} is")
        if self.oauth and (self.bearer or "authorization" in {name.lower() for name in self.headers}):
            raise ValueError("oauth and another authorization exclude each other")
        return self

    @property
    def _taken(self) -> set[str]:
        """Headers and variables that are ours, in small letters."""
        own = {
            "authorization",
            "accept",
            "accept-encoding",
            "content-type",
            "content-length",
            "host",
            "cookie",
        }
        return {*own, "path", *(name.lower() for name in (*self.headers, *self.env))}

    def serves(self, identity: Identity) -> bool:
        """Whether it is there for somebody."""
        of_tenant = not self.tenants or identity.tenant in self.tenants
        return of_tenant and (not self.groups or not set(self.groups).isdisjoint(identity.groups))

    @property
    def signs_in(self) -> bool:
        """Whether each person signs in there."""
        return self.oauth is not None and self.oauth.flow == "authorization_code"

    @property
    def largest_bytes(self) -> int:
        """The largest message that is read."""
        return int(self.largest_mb * 1_000_000)

    @property
    def at_once(self) -> int:
        """Calls side by side on one session; one where it may ask back, so that it is known on whose behalf."""
        return 1 if self.elicitation or self.sampling else self.parallel

    def offers(self, tool: str) -> bool:
        """Whether a tool of its own name may be offered."""
        return any(fnmatchcase(tool, glob) for glob in self.allow)

    def is_idempotent(self, tool: str) -> bool:
        """Whether a lost call of it may be repeated."""
        return any(fnmatchcase(tool, glob) for glob in self.idempotent)

    def listed_risk(self, tool: str) -> Risk | None:
        """What the file says that a call can do at worst."""
        return next((risk for glob, risk in self.risks.items() if fnmatchcase(tool, glob)), None)

    def risk(self, tool: str, read_only: bool, destructive: bool) -> Risk:
        """What a call can do at worst; of tools that are not listed only a trusted server is believed."""
        if (listed := self.listed_risk(tool)) is not None:
            return listed
        if self.trusted and read_only:
            return "read"
        if destructive:
            return "destructive"
        return "outward" if self.url else "write"
