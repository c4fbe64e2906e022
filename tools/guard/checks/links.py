"""Links and active content: what could carry data out of an answer when a client shows it, or when it is clicked.

The attack: Markdown images whose address holds what was said (Rehberger 2023; EchoLeak, CVE-2025-32711).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tools.guard.addresses import Address, addresses
from tools.guard.carried import carries, host
from tools.guard.check import About, Check, Hit
from tools.guard.given import Given, given
from tools.guard.injection.closed import off_loop
from tools.guard.readings import placed, readings, without_doubles

Rule = Literal["script", "data_uri", "url_with_data", "image", "html", "link"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""The worst first: of those that an address breaks, the first that counts is told."""

_SCRIPT = re.compile(r"(?:java|vb)script:", re.I)
_LIFTED: frozenset[Rule] = frozenset({"image", "link", "url_with_data"})


class Options(BaseModel):
    """rules: what counts. hosts: those that may be linked to and shown from; "*.example.com" has all below it.

    given: whether an address that the model was shown, word for word, may come out again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...] = Field(RULES, min_length=1)
    hosts: tuple[Annotated[str, Field(pattern=r"^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$")], ...] = ()
    given: Literal["allow", "count"] = "allow"


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Each address or active tag, with the worst rule that it breaks."""
    view = (await readings(text, about))[0]
    found = await off_loop(len(text), addresses, view.text)
    if not found:
        return []
    shown = await given(about)
    return without_doubles(placed(view, await off_loop(len(text), _hits, found, options, shown)))


def _hits(found: Sequence[Address], options: Options, shown: Given) -> list[Hit]:
    hits = []
    for one in found:
        lifted = _LIFTED if options.given == "allow" and one.target in shown.addresses else frozenset()
        broken = set(_broken(one, options.hosts, shown)) - lifted
        told = next((rule for rule in RULES if rule in broken and rule in options.rules), None)
        if told:
            hits.append(Hit(told, one.start, one.end))
    return hits


def _broken(one: Address, hosts: Sequence[str], shown: Given) -> Iterator[Rule]:
    trusted = _is_one_of(host(one.target), hosts)
    if one.use == "script" or _SCRIPT.match(one.target):
        yield "script"
    elif one.target[:5].lower() == "data:":
        yield "data_uri"
    else:
        if one.target and carries(one.target, shown, trusted):
            yield "url_with_data"
        if not trusted or one.use == "html":
            yield one.use


def _is_one_of(name: str, hosts: Sequence[str]) -> bool:
    return any(name.endswith(allowed[1:]) if allowed[0] == "*" else name == allowed for allowed in hosts)


CHECK = Check(
    "links",
    frozenset({"output", "passage", "tool"}),
    find,
    "active_content",
    "This text holds a link or active content that may not be shown, so it was withheld.",
    Options,
)
