"""What goes wrong with a server, as sentences that a model can use.

tool_timeout and tool_disconnected say that the effect may have been had; server_unavailable, server_refused and
sign_in_needed that it was not.
"""

from state.errors import KairosError

UNREACHABLE, LOST, NOT_LET_IN, BUSY, SESSION_GONE, SIGN_IN = -32090, -32091, -32092, -32093, -32094, -32095
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


def sign_in_needed(server: str) -> KairosError:
    """Nothing was called."""
    return KairosError(
        "sign_in_needed",
        f"The server {server} wants you to sign in first (on the page, or by kairos tools sign-in {server}), "
        "so nothing was done.",
    )


def sign_in_failed(server: str, why: str) -> KairosError:
    """Nothing is kept."""
    return KairosError("sign_in_failed", f"Signing in to the server {server} failed: {why}.")


def sign_in_declined() -> KairosError:
    """Whoever gives the tokens sent the browser back without a code."""
    return KairosError("sign_in_failed", "The sign-in was declined, so nothing is kept.")


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
    if code == SIGN_IN:
        return sign_in_needed(server)
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
