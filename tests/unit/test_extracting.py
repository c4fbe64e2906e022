"""Values in a text, and which parameter they are for."""

from datetime import date
from typing import Any

import pytest

from tests.fixtures.office_tools import CLOSE, EXPENSE, LEAVE, MAIL, ROOM, TICKET
from tools.acting.extracting.calls import extract
from tools.acting.extracting.dates import moments
from tools.acting.extracting.numbers import numbers
from tools.acting.extracting.parameters import parameters
from tools.acting.extracting.task import read
from tools.acting.guessing import Declared

TODAY = date(2026, 11, 21)  # a Saturday


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2, 3 and -4", [2, 3, -4]),
        ("298K and $1.2M", [298, 1_200_000]),
        ("1.234,50 € or 340,50 EUR", [1234.5, 340.5]),
        ("5,10 and 15", [5, 10, 15]),
        ("twenty-five percent of three hundred", [25, 300]),
        ("1,000,000 and 3k", [1_000_000, 3000]),
        ("two dozen eggs", [24]),
        ("the 3rd floor", [3]),
        ("next week", [1]),
        ("nothing", []),
    ],
)
def test_numbers(text: str, values: list[float]) -> None:
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 March", ["2027-03-03"]),
        ("December 24th", ["2026-12-24"]),
        ("from 1 May to 5 June 2026", ["2026-05-01", "2026-06-05"]),
        ("next Tuesday", ["2026-11-24"]),
        ("tomorrow at 3 pm", ["2026-11-22", "15:00"]),
        ("the day after tomorrow", ["2026-11-23"]),
        ("in two weeks", ["2026-12-05"]),
        ("3.4.2027 or 4/3/2027", ["2027-04-03", "2027-04-03"]),
        ("31 February 2026", []),
        ("14:30 and noon", ["14:30", "12:00"]),
        ("Christmas Eve", ["2026-12-24"]),
        ("I may march on", []),
    ],
)
def test_days_and_times(text: str, found: list[str]) -> None:
    assert [moment.iso for moment in moments(text, TODAY)] == found


@pytest.mark.parametrize(
    ("tool", "said", "arguments"),
    [
        (LEAVE, "Request sick leave from 7 December to 9 December", {"start_date": "2026-12-07", "end_date": "2026-12-09", "kind": "sick"}),
        (ROOM, "Book the Ada room tomorrow from 14:00 to 15:00", {"room": "Ada", "date": "2026-11-22", "start_time": "14:00", "end_time": "15:00"}),
        (TICKET, "Open a ticket: my laptop does not start", {"title": "my laptop does not start"}),
        (EXPENSE, "File an expense claim of 1.042,50 € for meals", {"amount": 1042.5, "category": "meals"}),
        (CLOSE, "Please close ticket 451", {"ticket": 451}),
    ],
)  # fmt: skip
def test_a_request_by_its_schema(tool: Declared, said: str, arguments: dict[str, Any]) -> None:
    found = extract(said, tool.parameters, TODAY)
    assert list(found.arguments) == [arguments]
    assert not found.missing


def test_what_is_missing_is_named() -> None:
    found = extract("Send an e-mail to kim@example.org saying that I am late", MAIL.parameters, TODAY)
    assert [one.path for one in found.missing] == [("subject",)]
    assert found.arguments[0] == {"to": "kim@example.org", "body": "I am late"}


def test_values_in_turns_make_several_calls() -> None:
    found = extract("Close the tickets 17 and 23", CLOSE.parameters, TODAY)
    assert sorted(one["ticket"] for one in found.arguments) == [17, 23]


def test_a_tool_without_parameters_needs_none() -> None:
    assert list(extract("Anything", {"type": "object"}, TODAY).arguments) == [{}]


def test_limits_of_the_schema_hold() -> None:
    schema = {
        "type": "object",
        "properties": {"floor": {"type": "integer", "maximum": 9}},
        "required": ["floor"],
    }
    assert extract("floor 12", schema, TODAY).missing
    assert extract("floor 7", schema, TODAY).arguments == [{"floor": 7}]


def test_references_and_alternatives_are_resolved() -> None:
    schema = {
        "type": "object",
        "$defs": {"Size": {"enum": ["small", "large"], "type": "string"}},
        "properties": {
            "size": {"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}]},
            "place": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            "loop": {"$ref": "#/properties/loop"},
        },
        "required": ["place"],
    }
    size, city, _ = parameters(schema)
    assert size.options == ("small", "large")
    assert not size.required
    assert city.path == ("place", "city")
    assert city.required


@pytest.mark.parametrize("unit", ["(", "1,", "A1-", "a+", "[", "'a", "in 3 days "])
def test_a_flood_is_read_only_so_far(unit: str) -> None:
    assert len(read(unit * 20_000, TODAY).text.text) == 4000
