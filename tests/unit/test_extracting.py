"""Values in a text, and which parameter they are for."""

from datetime import date
from typing import Any

import pytest

from tests.fixtures.office_tools import CLOSE, EXPENSE, LEAVE, MAIL, ROOM, TICKET
from tools.acting.extracting import combining
from tools.acting.extracting.calls import extract
from tools.acting.extracting.candidates import MOST, candidates
from tools.acting.extracting.dates import moments
from tools.acting.extracting.linking import linked
from tools.acting.extracting.numbers import numbers
from tools.acting.extracting.parameters import parameters
from tools.acting.extracting.patterns import written
from tools.acting.extracting.phrases import phrases
from tools.acting.extracting.task import read
from tools.acting.extracting.text import Text
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
        ("Monday to Wednesday", ["2026-11-23", "2026-11-25"]),
        ("from Friday until next Tuesday", ["2026-11-27", "2026-12-01"]),
        ("Thursday 2026-12-03 to Monday 2026-12-07", ["2026-12-03", "2026-12-07"]),
        ("tomorrow, 22 November", ["2026-11-22"]),
        ("5 to 9 February 2027", ["2027-02-05", "2027-02-09"]),
        ("March 3-7, 2027", ["2027-03-03", "2027-03-07"]),
        ("on the 15th at noon", ["2026-12-15", "12:00"]),
        ("two weeks from today", ["2026-12-05"]),
        ("from 9 to 11 am", ["09:00", "11:00"]),
        ("11 to 2 pm", ["11:00", "14:00"]),
        ("14:00-15:30", ["14:00", "15:30"]),
        ("from 9 to 10 for the call", ["09:00", "10:00"]),
        ("from 5 to 7 people", []),
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


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("Pay into DE02 1203 0000 0000 2020 51.", "grouped", ["DE02 1203 0000 0000 2020 51"]),
        ("Ring +353 86 123 4567 today", "grouped", ["+353 86 123 4567"]),
        ('title "One" and text "It\'s off. Really."', "quoted", ["One", "It's off. Really."]),
        ("read 'That's it! It's done.' aloud", "quoted", ["That's it! It's done."]),
        ('"Find a code"', "quoted", []),
        ("mail a.b@example.org and see https://example.org/x", "address", ["a.b@example.org"]),
        ("plot y = 3x^2 + 2", "formula", ["y = 3x**2 + 2", "3x**2 + 2"]),
    ],
)
def test_what_marks_itself(text: str, kind: str, values: list[str]) -> None:
    found = phrases(Text(text))
    assert [one.value for one in found if one.kind == kind] == values
    assert not [one for one in found if one.kind == "names" and one.value.startswith(("DE02", "Ring +"))]


def test_a_name_ends_with_its_sentence() -> None:
    found = {
        one.value
        for one in phrases(Text("See the Hill Museum. Also Dr. Jane Roe of Bolton F.C. Include all."))
    }
    assert {"Hill Museum", "Dr. Jane Roe", "Bolton F.C."} <= found
    assert not any("Also" in one and "Museum" in one for one in found)


@pytest.mark.parametrize(
    ("text", "first", "second", "are"),
    [
        ("3, 5", "3", "5", True),
        ("room 3, room 5", "3", "5", True),
        ("the price of 3 and the price of 5", "3", "5", True),
        ("3 for 5", "3", "5", False),
        ("room 3, desk 5", "3", "5", False),
    ],
)
def test_neighbours_in_a_list(text: str, first: str, second: str, are: bool) -> None:
    start = text.index(first)
    assert linked(Text(text), start, start + 1, text.index(second)) is are


@pytest.mark.parametrize(
    ("said", "description", "day"),
    [
        ("4 March 2027", "The day in the form DD/MM/YYYY.", "04/03/2027"),
        ("4 March 2027", "The day, month-day-year.", "03-04-2027"),
        ("4 March 2027", "Such as Month Day, Year.", "March 04, 2027"),
        ("4 March 2027", "The day.", "2027-03-04"),
    ],
)
def test_a_day_in_the_described_form(said: str, description: str, day: str) -> None:
    schema = {"type": "object", "properties": {"day": {"type": "string", "description": description}}}
    (parameter,), (moment,) = parameters(schema), moments(said, TODAY)
    assert written(moment, parameter) == day


def test_stretches_that_say_the_same_make_calls_of_their_own() -> None:
    said = (
        "Book the Ada room on 3 December from 9:00 to 10:00. "
        "Also book the Curie room on 4 December from 14:00 to 16:00."
    )
    assert list(extract(said, ROOM.parameters, TODAY).arguments) == [
        {"room": "Ada", "date": "2026-12-03", "start_time": "09:00", "end_time": "10:00"},
        {"room": "Curie", "date": "2026-12-04", "start_time": "14:00", "end_time": "16:00"},
    ]


def test_an_amount_leaves_its_currency_to_another_parameter() -> None:
    schema = {
        "type": "object",
        "properties": {
            "amount": {"type": "number", "description": "How much to convert."},
            "to_currency": {"type": "string", "description": "The currency to convert to."},
            "from_currency": {"type": "string", "description": "The currency to convert from."},
        },
        "required": ["amount", "to_currency", "from_currency"],
    }
    (found,) = extract("Convert 60 euros to yen", schema, TODAY).arguments
    assert found == {"amount": 60, "from_currency": "EUR", "to_currency": "JPY"}


def test_what_no_argument_stands_on_is_counted() -> None:
    said = "Close ticket 451, see 'My screen' of 3 December"
    assert extract(said, CLOSE.parameters, TODAY).unexplained == pytest.approx(2 / 3)
    assert extract("Close ticket 451", CLOSE.parameters, TODAY).unexplained == 0


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


@pytest.mark.parametrize("unit", ["1 ", "5 May ", "Ab "])
def test_a_flood_of_values_offers_only_so_many(unit: str) -> None:
    properties = {f"n{at}": {"type": kind} for at, kind in enumerate(("integer", "string", "number") * 3)}
    schema = {"type": "object", "properties": properties, "required": []}
    task = read(unit * 2000, TODAY)
    assert max(len(candidates(task, one)) for one in parameters(schema)) <= MOST
    assert len(extract(unit * 2000, schema, TODAY).arguments) <= 2 * combining.MOST


def test_lists_beside_each_other_are_combined_only_so_far() -> None:
    said = " ".join(f"{name} 1, 2, 3, 4, 5 and 6;" for name in "abcdefghij")
    properties = {name: {"type": "integer"} for name in "abcdefghij"}
    assert len(extract(said, {"type": "object", "properties": properties}, TODAY).arguments) <= 16
