"""What the server offers: each tool with its title and what its calls do at worst."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from mcp_servers.workplace import claims, leave, mail, people, rooms, tickets

Risk = Literal["read", "write", "destructive", "outward", "money"]


@dataclass(frozen=True, slots=True)
class Offered:
    """A function whose first argument is a Desk, and whose others are the tool's."""

    title: str
    act: Callable[..., Any]
    risk: Risk


OFFERED = (
    Offered("Who acts", people.who_am_i, "read"),
    Offered("Directory of staff", people.find_people, "read"),
    Offered("Handbook page", people.read_page, "read"),
    Offered("Outcome of a call", people.call_outcome, "read"),
    Offered("Leave balance", leave.leave_balance, "read"),
    Offered("Leave requests", leave.list_leave_requests, "read"),
    Offered("Request leave", leave.request_leave, "write"),
    Offered("Decide about leave", leave.decide_leave, "write"),
    Offered("Cancel leave", leave.cancel_leave, "destructive"),
    Offered("Tickets", tickets.list_tickets, "read"),
    Offered("Ticket", tickets.read_ticket, "read"),
    Offered("Open a ticket", tickets.open_ticket, "write"),
    Offered("Comment on a ticket", tickets.comment_ticket, "write"),
    Offered("Close a ticket", tickets.close_ticket, "write"),
    Offered("Priority of a ticket", tickets.set_ticket_priority, "write"),
    Offered("Delete a ticket", tickets.delete_ticket, "destructive"),
    Offered("Free rooms", rooms.free_rooms, "read"),
    Offered("Bookings", rooms.list_bookings, "read"),
    Offered("Book a room", rooms.book_room, "write"),
    Offered("Cancel a booking", rooms.cancel_booking, "destructive"),
    Offered("Expense claims", claims.list_claims, "read"),
    Offered("File a claim", claims.file_claim, "write"),
    Offered("Decide about a claim", claims.decide_claim, "money"),
    Offered("Pay a claim", claims.pay_claim, "money"),
    Offered("Change the bank account", claims.change_bank_account, "money"),
    Offered("Mails", mail.list_mails, "read"),
    Offered("Mail", mail.read_mail, "read"),
    Offered("Send a mail", mail.send_mail, "outward"),
)
