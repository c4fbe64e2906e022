"""Mail: an outbox in place of a mail server, so that what was sent can be looked at."""

import json
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from mcp_servers.workplace.asker import Desk, RefusedError
from mcp_servers.workplace.fields import Id, Line, Text

Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[a-z]+$", max_length=200)]


class Sent(TypedDict):
    id: int
    to: list[str]
    subject: str


class Mail(Sent):
    body: str
    sender: str


class Mails(TypedDict):
    mails: list[Mail]


def list_mails(desk: Desk) -> Mails:
    """List the mails that you sent or received within the firm, with their texts."""
    rows = desk.all(
        "SELECT * FROM outbox WHERE sender = ? OR EXISTS (SELECT 1 FROM json_each(recipients) WHERE value = ?) "
        "ORDER BY id",
        desk.me,
        desk.person["email"],
    )
    return Mails(mails=[_mail(row) for row in rows])


def send_mail(
    desk: Desk,
    to: Annotated[list[Address], Field(min_length=1, max_length=20, description="Mail addresses.")],
    subject: Line,
    body: Text,
) -> Sent:
    """Send a mail in your name, inside or outside the firm. It leaves at once and cannot be called back."""
    found = desk.add(
        "INSERT INTO outbox (sender, recipients, subject, body) VALUES (?, ?, ?, ?)",
        desk.me,
        json.dumps([one.lower() for one in to]),
        subject,
        body,
    )
    return Sent(id=found, to=to, subject=subject)


def read_mail(desk: Desk, mail_id: Annotated[Id, Field(description="Number of the mail.")]) -> Mail:
    """Read a mail that you sent or received."""
    found = [one for one in list_mails(desk)["mails"] if one["id"] == mail_id]
    if not found:
        raise RefusedError(f"There is no mail {mail_id} of yours. See list_mails.")
    return found[0]


def _mail(row: dict[str, object]) -> Mail:
    return Mail(
        id=int(str(row["id"])),
        to=json.loads(str(row["recipients"])),
        subject=str(row["subject"]),
        body=str(row["body"]),
        sender=str(row["sender"]),
    )
