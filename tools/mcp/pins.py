"""Tools stay what somebody accepted: one that says something else, or is new, is held until it is accepted too.

A changed description is how a server that was harmless when it was added takes over an assistant later.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from state.identity import Identity
from state.postgres import pinned_tools
from state.postgres.pinned_tools import Seen
from tools.guard.injection.context import check_context
from tools.mcp.declaration import Declaration
from tools.mcp.declared import Server

_log = logging.getLogger(__name__)
Row = Mapping[str, Any]


async def accepted(
    identity: Identity, name: str, server: Server, declared: Sequence[Declaration], taken: frozenset[str]
) -> list[Declaration]:
    """Those that may be offered; the others are held. taken: names that a tool of a server must not take on."""
    usable = _usable(name, declared)
    rows = await pinned_tools.pinned(identity, name)
    if not rows and server.pin == "first" and usable:
        doubts = {one.name: await _doubts(one, taken) for one in usable}
        clean = [_seen(name, one) for one in usable if not doubts[one.name]]
        if await pinned_tools.pin_first(identity, name, clean):
            await _hold(identity, [_seen(name, one, doubts[one.name]) for one in usable if doubts[one.name]])
            return [one for one in usable if not doubts[one.name]]
        rows = await pinned_tools.pinned(identity, name)
    same = [one for one in usable if _row(rows, name, one).get("sha256") == one.sha256]
    await _report(identity, name, rows, [one for one in usable if one not in same], taken)
    if back := [full(name, one) for one in same if _row(rows, name, one)["held_sha256"]]:
        await pinned_tools.forget_held(identity, back)
    return same


async def remembered(identity: Identity, name: str) -> list[Declaration]:
    """What was accepted of a server that cannot be reached: its calls then fail, but are known."""
    rows = await pinned_tools.pinned(identity, name)
    return [Declaration.of(row["declaration"]) for row in rows.values() if row["declaration"]]


def full(server: str, one: Declaration) -> str:
    """Its full name."""
    return f"{server}.{one.bare}"


def _usable(server: str, declared: Sequence[Declaration]) -> list[Declaration]:
    """Without those that nobody could accept: of two with the same name neither is known to be the real one."""
    names = [one.bare for one in declared]
    found = []
    for one in declared:
        twice = "another tool has its name" if names.count(one.bare) > 1 else ""
        if why := twice or one.unusable:
            _log.warning("The tool %s.%s is not offered: %s.", server, one.bare[:64], why)
        else:
            found.append(one)
    return found


async def _report(
    identity: Identity,
    name: str,
    rows: Mapping[str, Row],
    other: Sequence[Declaration],
    taken: frozenset[str],
) -> None:
    """Hold what is not held yet as it is now."""
    seen = []
    for one in other:
        row = _row(rows, name, one)
        if row.get("held_sha256") != one.sha256:
            reasons = [_news(row, one), await _doubts(one, taken)]
            seen.append(_seen(name, one, "; ".join(filter(None, reasons))))
    if seen:
        await _hold(identity, seen)


async def _hold(identity: Identity, seen: Sequence[Seen]) -> None:
    for one in seen:
        _log.warning("The tool %s is held: %s. See: kairos tools pins", one.tool, one.reason)
    await pinned_tools.hold(identity, seen)


def _news(row: Row, one: Declaration) -> str:
    before = row.get("declaration")
    return f"it changed its {', '.join(one.changes(before))}" if before else "it is new"


async def _doubts(one: Declaration, taken: frozenset[str]) -> str:
    """What speaks against a declaration that nobody has looked at."""
    if one.hidden:
        return "it holds hidden characters"
    if one.bare in taken:
        return "it has the name of a tool of ours"
    if (await check_context("\n".join(one.texts))).refused:
        return "it holds instructions to the assistant"
    return ""


def _row(rows: Mapping[str, Row], server: str, one: Declaration) -> Row:
    return rows.get(full(server, one), {})


def _seen(server: str, one: Declaration, reason: str = "") -> Seen:
    return Seen(full(server, one), one.sha256, one.plain, reason)
