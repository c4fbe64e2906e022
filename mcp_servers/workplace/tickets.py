"""Tickets of the Service Desk. What people write in them is theirs: nobody vouches for it."""

from typing import Literal

from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from mcp_servers.workplace.asker import Desk, RefusedError
from mcp_servers.workplace.fields import Id, Line, Text


class Ticket(TypedDict):
    id: int
    person: str
    title: str
    priority: int
    status: str


class Comment(TypedDict):
    person: str
    text: str


class FullTicket(Ticket):
    text: str
    comments: list[Comment]


class Tickets(TypedDict):
    tickets: list[Ticket]


class Deleted(TypedDict):
    deleted: int


def list_tickets(desk: Desk, status: Literal["open", "closed"] | None = None) -> Tickets:
    """List the tickets of the Service Desk that you may see: yours, or all if you work there."""
    rows = desk.all(
        "SELECT id, person, title, priority, status FROM tickets WHERE (person = ?1 OR ?2) "
        "AND (?3 IS NULL OR status = ?3) ORDER BY id",
        desk.me,
        _works_there(desk),
        status,
    )
    return Tickets(tickets=[Ticket(**row) for row in rows])  # type: ignore[typeddict-item]


def read_ticket(desk: Desk, ticket: Id) -> FullTicket:
    """Read a ticket with its text and comments."""
    return _full(desk, ticket)


def open_ticket(desk: Desk, title: Line, text: Text) -> FullTicket:
    """Open a ticket at the Service Desk, for everything with a plug or a password; the desk sets its priority."""
    return _full(
        desk, desk.add("INSERT INTO tickets (person, title, text) VALUES (?, ?, ?)", desk.me, title, text)
    )


def comment_ticket(desk: Desk, ticket: Id, text: Text) -> FullTicket:
    """Add a comment to an open ticket that you may see."""
    if _full(desk, ticket)["status"] == "closed":
        raise RefusedError(f"Ticket {ticket} is closed. Open a new one.")
    desk.add("INSERT INTO comments (ticket, person, text) VALUES (?, ?, ?)", ticket, desk.me, text)
    return _full(desk, ticket)


def close_ticket(desk: Desk, ticket: Id) -> FullTicket:
    """Close an open ticket: one of yours, or any if you work at the Service Desk."""
    if _full(desk, ticket)["status"] == "closed":
        raise RefusedError(f"Ticket {ticket} is closed already.")
    desk.db.execute("UPDATE tickets SET status = 'closed' WHERE id = ?", (ticket,))
    return _full(desk, ticket)


def set_ticket_priority(desk: Desk, ticket: Id, priority: Literal[1, 2, 3, 4]) -> FullTicket:
    """Set the priority of a ticket, 1 the most urgent. Only the Service Desk does."""
    if not _works_there(desk):
        raise RefusedError("Only the Service Desk sets priorities.")
    _full(desk, ticket)
    desk.db.execute("UPDATE tickets SET priority = ? WHERE id = ?", (priority, ticket))
    return _full(desk, ticket)


def delete_ticket(desk: Desk, ticket: Id) -> Deleted:
    """Delete a ticket with all its comments. Only the Service Desk can, and it cannot be undone."""
    if not _works_there(desk):
        raise RefusedError("Only the Service Desk deletes tickets. Close it with close_ticket instead.")
    _full(desk, ticket)
    desk.db.execute("DELETE FROM tickets WHERE id = ?", (ticket,))
    return Deleted(deleted=ticket)


def _works_there(desk: Desk) -> bool:
    return bool(desk.person["unit"] == "it")


def _full(desk: Desk, ticket: int) -> FullTicket:
    row = desk.one(
        "SELECT * FROM tickets WHERE id = ? AND (person = ? OR ?)", ticket, desk.me, _works_there(desk)
    )
    if row is None:
        raise RefusedError(f"There is no ticket {ticket} that you may see. See list_tickets.")
    comments = desk.all("SELECT person, text FROM comments WHERE ticket = ? ORDER BY id", ticket)
    return FullTicket(**dict(row), comments=[Comment(**one) for one in comments])  # type: ignore[typeddict-item]
