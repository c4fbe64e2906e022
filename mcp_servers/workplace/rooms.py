"""Meeting rooms and their bookings, by the rules of the handbook's page."""

from datetime import date, timedelta
from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from mcp_servers.workplace.asker import Desk, RefusedError
from mcp_servers.workplace.fields import Clock, Id, Line

AHEAD, LONGEST_MINUTES = timedelta(weeks=8), 240
Office = Literal["Cork", "Bruges", "Porto"]
Day = Annotated[date, Field(description="The day, as YYYY-MM-DD.")]


class Room(TypedDict):
    name: str
    office: str
    seats: int
    equipment: str


class Rooms(TypedDict):
    rooms: list[Room]


class Booking(TypedDict):
    id: int
    room: str
    person: str
    day: str
    start: str
    finish: str
    title: str


class Bookings(TypedDict):
    bookings: list[Booking]


class Cancelled(TypedDict):
    cancelled: int


def free_rooms(
    desk: Desk, day: Day, start: Clock, finish: Clock, office: Office, seats: Annotated[int, Field(ge=1)] = 1
) -> Rooms:
    """Find meeting rooms of an office that are free at a time and have seats enough, the smallest first."""
    rows = desk.all(
        "SELECT name, office, seats, equipment FROM rooms WHERE office = ? AND seats >= ? AND bookable AND NOT EXISTS "
        "(SELECT 1 FROM bookings b WHERE b.room = rooms.name AND b.day = ? AND b.start < ? AND b.finish > ?) "
        "ORDER BY seats",
        office,
        seats,
        day.isoformat(),
        finish,
        start,
    )
    return Rooms(rooms=[cast(Room, row) for row in rows])


def list_bookings(desk: Desk, day: Day | None = None, room: Line | None = None) -> Bookings:
    """List bookings of meeting rooms from today on: all, or those of one day or one room."""
    rows = desk.all(
        "SELECT * FROM bookings WHERE day >= ? AND (?2 IS NULL OR day = ?2) AND (?3 IS NULL OR room = ?3) "
        "ORDER BY day, start, id",
        desk.today.isoformat(),
        day.isoformat() if day else None,
        room,
    )
    return Bookings(bookings=[cast(Booking, row) for row in rows])


def book_room(desk: Desk, room: Line, day: Day, start: Clock, finish: Clock, title: Line) -> Booking:
    """Book a meeting room, up to eight weeks ahead and for four hours at most."""
    _check_time(desk, day, start, finish)
    row = desk.one("SELECT * FROM rooms WHERE name = ?", room)
    if row is None or not row["bookable"]:
        raise RefusedError(f"There is no room {room!r} that can be booked. See free_rooms.")
    clash = desk.one(
        "SELECT id FROM bookings WHERE room = ? AND day = ? AND start < ? AND finish > ?",
        room,
        day.isoformat(),
        finish,
        start,
    )
    if clash:
        raise RefusedError(f"{room} is taken then (booking {clash['id']}). See free_rooms for another.")
    found = desk.add(
        "INSERT INTO bookings (room, person, day, start, finish, title) VALUES (?, ?, ?, ?, ?, ?)",
        room,
        desk.me,
        day.isoformat(),
        start,
        finish,
        title,
    )
    return _booking(desk, found)


def cancel_booking(
    desk: Desk, booking_id: Annotated[Id, Field(description="Number of the booking.")]
) -> Cancelled:
    """Delete a booking of your own; office managers may delete any. It cannot be undone."""
    row = _booking(desk, booking_id)
    if row["person"] != desk.me and desk.person["unit"] != "facilities":
        raise RefusedError("You can only cancel bookings of your own. Ask the office manager.")
    desk.db.execute("DELETE FROM bookings WHERE id = ?", (booking_id,))
    return Cancelled(cancelled=booking_id)


def _check_time(desk: Desk, day: date, start: str, finish: str) -> None:
    minutes = _minutes(finish) - _minutes(start)
    if minutes <= 0:
        raise RefusedError("The end must be after the start, on the same day.")
    if minutes > LONGEST_MINUTES and desk.person["unit"] != "facilities":
        raise RefusedError("Rooms are booked for four hours at most. The office manager books longer.")
    if not desk.today <= day <= desk.today + AHEAD:
        raise RefusedError("Rooms are booked from today up to eight weeks ahead.")


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _booking(desk: Desk, booking_id: int) -> Booking:
    row = desk.one("SELECT * FROM bookings WHERE id = ?", booking_id)
    if row is None:
        raise RefusedError(f"There is no booking {booking_id}. See list_bookings.")
    return cast(Booking, dict(row))
