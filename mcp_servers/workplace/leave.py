"""Leave: balances, requests, decisions; the notice and the days that the handbook's page on annual leave gives."""

from datetime import date, timedelta
from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from mcp_servers.workplace.asker import Desk, RefusedError
from mcp_servers.workplace.fields import Id, Note, Person

DAYS = {"Cork": 25, "Bruges": 26, "Porto": 24}
SPECIAL = {"carer": 5, "volunteering": 2, "moving": 1}
"""Days a year that are not taken from annual leave."""
Kind = Literal["annual", "carer", "volunteering", "moving"]
RequestId = Annotated[Id, Field(description="Number of the request for leave.")]
Status = Literal["pending", "approved", "rejected", "cancelled"]


class Balance(TypedDict):
    person: str
    year: int
    entitled: float
    taken: int
    pending: int
    left: float


class Request(TypedDict):
    id: int
    person: str
    kind: str
    first_day: str
    last_day: str
    days: int
    note: str
    status: str
    decided_by: str | None


class Requests(TypedDict):
    requests: list[Request]


def leave_balance(desk: Desk, person: Person | None = None) -> Balance:
    """Tell how many days of annual leave are left this year: yours, or those of somebody who reports to you."""
    whose = _visible(desk, person)
    row = desk.colleague(whose)
    entitled = _entitled(row["office"], row["kind"], date.fromisoformat(row["joined"]), desk.today)
    taken, pending = (
        _days(desk, whose, "annual", desk.today.year, status) for status in ("approved", "pending")
    )
    left = entitled - taken - pending
    return Balance(
        person=whose, year=desk.today.year, entitled=entitled, taken=taken, pending=pending, left=left
    )


def list_leave_requests(desk: Desk, person: Person | None = None, status: Status | None = None) -> Requests:
    """List requests for leave: yours and your team's, or only one person's; of one status or of all."""
    rows = desk.all(
        "SELECT r.* FROM leave_requests r JOIN people p ON p.id = r.person WHERE ?1 IN (p.id, p.manager) "
        "AND (?2 IS NULL OR p.id = ?2) AND (?3 IS NULL OR r.status = ?3) ORDER BY r.id",
        desk.me,
        _visible(desk, person) if person else None,
        status,
    )
    return Requests(requests=[cast(Request, row) for row in rows])


def request_leave(
    desk: Desk,
    first_day: Annotated[date, Field(description="First day away, as YYYY-MM-DD.")],
    last_day: Annotated[date, Field(description="Last day away, as YYYY-MM-DD; the same for one day.")],
    kind: Kind = "annual",
    note: Note = "",
) -> Request:
    """Request leave of your own, annual or special, from a first to a last day; your manager decides about it."""
    days = _working_days(first_day, last_day)
    _check_span(desk, first_day, last_day, days)
    if kind == "annual":
        _check_notice(desk, first_day, days)
    _check_days(desk, kind, first_day.year, days)
    found = desk.add(
        "INSERT INTO leave_requests (person, kind, first_day, last_day, days, note) VALUES (?, ?, ?, ?, ?, ?)",
        desk.me,
        kind,
        first_day.isoformat(),
        last_day.isoformat(),
        days,
        note,
    )
    return _request(desk, found)


def decide_leave(desk: Desk, request_id: RequestId, decision: Literal["approve", "reject"]) -> Request:
    """Approve or reject a pending request for leave of somebody who reports to you."""
    row = _request(desk, request_id)
    if not desk.leads(row["person"]):
        raise RefusedError("Only the manager of whoever asks decides about leave.")
    if row["status"] != "pending":
        raise RefusedError(f"Request {request_id} is {row['status']} already.")
    status = "approved" if decision == "approve" else "rejected"
    desk.db.execute(
        "UPDATE leave_requests SET status = ?, decided_by = ? WHERE id = ?", (status, desk.me, request_id)
    )
    return _request(desk, request_id)


def cancel_leave(desk: Desk, request_id: RequestId) -> Request:
    """Cancel a request for leave of your own that has not begun, approved or not. It cannot be undone."""
    row = _request(desk, request_id)
    if row["person"] != desk.me:
        raise RefusedError("You can only cancel leave of your own.")
    if row["status"] not in ("pending", "approved") or row["first_day"] <= desk.today.isoformat():
        raise RefusedError(f"Request {request_id} is {row['status']} or has begun; it cannot be cancelled.")
    desk.db.execute("UPDATE leave_requests SET status = 'cancelled' WHERE id = ?", (request_id,))
    return _request(desk, request_id)


def _visible(desk: Desk, person: str | None) -> str:
    whose = str(desk.colleague(person)["id"]) if person else desk.me
    if whose != desk.me and not desk.leads(whose):
        raise RefusedError("You can only see leave of your own and of those who report to you.")
    return whose


def _request(desk: Desk, request_id: int) -> Request:
    row = desk.one("SELECT * FROM leave_requests WHERE id = ?", request_id)
    if row is None:
        raise RefusedError(f"There is no request {request_id}. See list_leave_requests.")
    return cast(Request, dict(row))


def _working_days(first: date, last: date) -> int:
    if last < first or (last - first).days > 366:
        raise RefusedError("The last day must not be before the first, nor a year after it.")
    span = (first + timedelta(days=step) for step in range((last - first).days + 1))
    return sum(day.weekday() < 5 for day in span)


def _check_span(desk: Desk, first: date, last: date, days: int) -> None:
    if days == 0:
        raise RefusedError("There is no working day among these days.")
    if first <= desk.today or first.year != last.year or first.year > desk.today.year + 1:
        raise RefusedError("Leave begins after today and lies within this year or the next.")
    clash = desk.one(
        "SELECT id FROM leave_requests WHERE person = ? AND status IN ('pending', 'approved') "
        "AND first_day <= ? AND last_day >= ?",
        desk.me,
        last.isoformat(),
        first.isoformat(),
    )
    if clash:
        raise RefusedError(f"These days overlap with request {clash['id']}.")


def _check_notice(desk: Desk, first: date, days: int) -> None:
    """The handbook says nothing of six to ten days: as much as for five is asked."""
    ahead = 42 if days > 10 else 2 * min(days, 5)
    if (first - desk.today).days < ahead:
        raise RefusedError(f"{days} days of leave need {ahead} days' notice. Choose a later first day.")


def _check_days(desk: Desk, kind: str, year: int, days: int) -> None:
    person = desk.person
    if person["kind"] == "contractor":
        raise RefusedError("Contractors have no paid leave; agree absences with whoever signs off your work.")
    entitled: float = SPECIAL.get(kind, 0)
    if kind == "annual":
        day = desk.today if year == desk.today.year else date(year, 1, 1)
        entitled = _entitled(person["office"], person["kind"], date.fromisoformat(person["joined"]), day)
    used = sum(_days(desk, desk.me, kind, year, status) for status in ("approved", "pending"))
    if used + days > entitled:
        raise RefusedError(f"Only {entitled - used:g} days of {kind} leave are left in {year}, not {days}.")


def _entitled(office: str, kind: str, joined: date, day: date) -> float:
    """Days a year; interns have what they have earned by then."""
    if kind == "contractor":
        return 0
    months = (day.year - joined.year) * 12 + day.month - joined.month - (day.day < joined.day)
    if kind == "intern":
        return 1.5 * months
    return DAYS[office] + sum(months >= 12 * years for years in (3, 5, 10))


def _days(desk: Desk, person: str, kind: str, year: int, status: str) -> int:
    row = desk.one(
        "SELECT coalesce(sum(days), 0) AS days FROM leave_requests WHERE person = ? AND kind = ? AND status = ? "
        "AND first_day LIKE ?",
        person,
        kind,
        status,
        f"{year}-%",
    )
    return int(row["days"]) if row else 0
