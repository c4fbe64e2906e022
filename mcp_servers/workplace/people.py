"""People and the rules of the house."""

from typing import Annotated, cast

from pydantic import Field
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from mcp_servers.workplace.asker import Desk, RefusedError
from mcp_servers.workplace.fields import Line


class Colleague(TypedDict):
    id: str
    name: str
    email: str
    office: str
    job: str
    manager: str | None


class Asker(Colleague):
    kind: str
    unit: str
    today: str


class People(TypedDict):
    people: list[Colleague]


class Page(TypedDict):
    name: str
    title: str
    text: str


class Outcome(TypedDict):
    found: bool
    text: str


_COLUMNS = "id, name, email, office, job, manager"


def who_am_i(desk: Desk) -> Asker:
    """Tell on whose behalf calls act: name, office, manager, and today's date."""
    person = dict(desk.person)
    names = (*_COLUMNS.split(", "), "kind", "unit")
    return cast(Asker, {**{name: person[name] for name in names}, "today": desk.today.isoformat()})


def find_people(
    desk: Desk, query: Annotated[Line, Field(description="Part of a name, office, job or mail address.")]
) -> People:
    """Look up colleagues in the directory of staff: id, mail address, office, job, manager."""
    like = f"%{query.strip()}%"
    rows = desk.all(
        f"SELECT {_COLUMNS} FROM people WHERE name LIKE ?1 OR id LIKE ?1 OR email LIKE ?1 OR office LIKE ?1 "  # noqa: S608
        "OR job LIKE ?1 ORDER BY id",
        like,
    )
    return People(people=[cast(Colleague, row) for row in rows])


def read_page(desk: Desk, page: Annotated[Line, Field(description="Name of the page, like leave.")]) -> Page:
    """Read a page of the short handbook: leave, expenses, rooms, service-desk, payments, visitors, mail."""
    row = desk.one("SELECT * FROM pages WHERE name = ?", page.strip().lower())
    if row is None:
        names = ", ".join(row["name"] for row in desk.all("SELECT name FROM pages ORDER BY name"))
        raise RefusedError(f"There is no page {page!r}. There are: {names}.")
    return cast(Page, dict(row))


def call_outcome(
    desk: Desk,
    idempotency_key: Annotated[Line, Field(description="As it was sent in _meta, kairos/idempotency-key.")],
) -> Outcome:
    """Tell whether a call of yours with this idempotency key had its effect, and what it gave."""
    row = desk.one("SELECT result FROM calls WHERE key = ? AND person = ?", idempotency_key, desk.me)
    return Outcome(found=row is not None, text=row["result"] if row else "")
