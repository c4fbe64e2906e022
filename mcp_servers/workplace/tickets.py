"""Tickets of the Service Desk. What people write in them is theirs: nobody vouches for it."""

from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from mcp_servers.workplace.asker import Desk, RefusedError
from mcp_servers.workplace.fields import Id, Line, Text

TicketId = Annotated[Id, Field(description="Number of the ticket.")]


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
    return Tickets(tickets=[cast(Ticket, row) for row in rows])


def read_ticket(desk: Desk, ticket_id: TicketId) -> FullTicket:
    """Read a ticket with its text and comments."""
    return _full(desk, ticket_id)


def open_ticket(desk: Desk, title: Line, text: Text) -> FullTicket:
    """Open a ticket at the Service Desk, for everything with a plug or a password; the desk sets its priority."""
    return _full(
        desk, desk.add("INSERT INTO tickets (person, title, text) VALUES (?, ?, ?)", desk.me, title, text)
    )


def comment_ticket(desk: Desk, ticket_id: TicketId, text: Text) -> FullTicket:
    """Add a comment to an open ticket that you may see."""
    if _full(desk, ticket_id)["status"] == "closed":
        raise RefusedError(f"Ticket {ticket_id} is closed. Open a new one.")
    desk.add("INSERT INTO comments (ticket, person, text) VALUES (?, ?, ?)", ticket_id, desk.me, text)
    return _full(desk, ticket_id)


def close_ticket(desk: Desk, ticket_id: TicketId) -> FullTicket:
    """Close an open ticket: one of yours, or any if you work at the Service Desk."""
    if _full(desk, ticket_id)["status"] == "closed":
        raise RefusedError(f"Ticket {ticket_id} is closed already.")
    desk.db.execute("UPDATE tickets SET status = 'closed' WHERE id = ?", (ticket_id,))
    return _full(desk, ticket_id)


def set_ticket_priority(desk: Desk, ticket_id: TicketId, priority: Literal[1, 2, 3, 4]) -> FullTicket:
    """Set the priority of a ticket, 1 the most urgent. Only the Service Desk does."""
    if not _works_there(desk):
        raise RefusedError("Only the Service Desk sets priorities.")
    _full(desk, ticket_id)
    desk.db.execute("UPDATE tickets SET priority = ? WHERE id = ?", (priority, ticket_id))
    return _full(desk, ticket_id)


def delete_ticket(desk: Desk, ticket_id: TicketId) -> Deleted:
    """Remove a ticket and its comments for good; for people of the Service Desk."""
    if not _works_there(desk):
        raise RefusedError("Only the Service Desk deletes tickets. Close it with close_ticket instead.")
    _full(desk, ticket_id)
    desk.db.execute("DELETE FROM tickets WHERE id = ?", (ticket_id,))
    return Deleted(deleted=ticket_id)


def _works_there(desk: Desk) -> bool:
    return bool(desk.person["unit"] == "it")


def _full(desk: Desk, ticket_id: int) -> FullTicket:
    row = desk.one(
        "SELECT * FROM tickets WHERE id = ? AND (person = ? OR ?)", ticket_id, desk.me, _works_there(desk)
    )
    if row is None:
        raise RefusedError(f"There is no ticket {ticket_id} that you may see. See list_tickets.")
    comments = desk.all("SELECT person, text FROM comments WHERE ticket = ? ORDER BY id", ticket_id)
    return cast(FullTicket, {**dict(row), "comments": comments})
