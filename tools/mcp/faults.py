"""What goes wrong with a server, as sentences that a model can use.

tool_timeout and tool_disconnected say that the effect may have been had; server_unavailable and server_refused that it
was not.
"""

from state.errors import KairosError

UNREACHABLE, LOST, NOT_LET_IN, BUSY, SESSION_GONE = -32090, -32091, -32092, -32093, -32094
"""Codes (JSON-RPC, server-defined range) by which our HTTP transport tells what a status or a broken line means."""
CLOSED, TIMED_OUT, UNREADABLE = -32000, -32001, -32700
SAID = 300
"""Characters of what a server says in an error."""

_NOT_MADE = {
    UNREACHABLE: "cannot be reached",
    BUSY: "has too much to do now; try again in a minute",
}


class SessionGoneError(Exception):
    """The server has forgotten the session and did nothing; on a new one the call may be made."""


def unavailable(server: str, why: str) -> KairosError:
    """Nothing was called."""
    return KairosError("server_unavailable", f"The server {server} {why}, so nothing was done.")


def timed_out(tool: str, seconds: float) -> KairosError:
    """It may have had its effect."""
    return KairosError("tool_timeout", f"{tool} did not answer within {seconds:g} s.")


def lost(tool: str) -> KairosError:
    """It may have had its effect."""
    return KairosError("tool_disconnected", f"The connection was lost while {tool} ran.")


def unreadable(tool: str) -> KairosError:
    """It may have had its effect."""
    return KairosError("tool_disconnected", f"What {tool} answered cannot be read.")


def of_error(server: str, tool: str, code: int, message: str, seconds: float) -> Exception:
    """What a JSON-RPC error means for the call of a tool."""
    if code in _NOT_MADE:
        return unavailable(server, _NOT_MADE[code])
    if code == NOT_LET_IN:
        return KairosError("server_refused", f"The server {server} does not let us in, so nothing was done.")
    if code == SESSION_GONE:
        return SessionGoneError()
    if code == TIMED_OUT:
        return timed_out(tool, seconds)
    if code in (CLOSED, LOST):
        return lost(tool)
    if code == UNREADABLE:
        return unreadable(tool)
    return KairosError("tool_failed", f"{tool} failed: {said(message) or 'it does not say why.'}")


def said(text: str) -> str:
    """One line of what a server said, as far as it is shown."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * SAID]).split())
    return line if len(line) <= SAID else f"{line[:SAID]}…"
