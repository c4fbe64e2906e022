"""Reading without a model: units, kinds of question, values, polarity, places of quotes."""

import pytest

from tools.passages import Passage
from tools.reading.facts import missing_facts
from tools.reading.locate import locate, quoted
from tools.reading.polarity import verdict
from tools.reading.question import clauses, understand, wanted
from tools.reading.units import Unit, units
from tools.reading.values import values

PAGE = """# Tools

## Borrowing

Drills are lent for two days. They are
collected by noon.

You need:

- a signed slip; ask for it early. It is blue.
- your badge.

| Tool | Days |
|---|---|
| Drill | 2 |
| Saw | 5 |

How do I return a tool?
Put it on the shelf."""


def read_page() -> list[Unit]:
    return units([Passage("1", "tools.md", "Tools", PAGE, 0, None, ("Tools", "Borrowing"), 1.0)])


def test_units_are_sentences_items_and_rows_in_their_place() -> None:
    found = read_page()
    assert [(unit.kind, " ".join(unit.text.split())) for unit in found] == [
        ("sentence", "Drills are lent for two days."),
        ("sentence", "They are collected by noon."),
        ("sentence", "You need:"),
        ("item", "a signed slip; ask for it early. It is blue."),
        ("item", "your badge."),
        ("row", "| Drill | 2 |"),
        ("row", "| Saw | 5 |"),
        ("sentence", "Put it on the shelf."),
    ]
    assert all(PAGE[unit.start : unit.end] == unit.text for unit in found)


def test_a_unit_knows_what_stands_over_it() -> None:
    first, second, _, slip, badge, drill, saw, shelf = read_page()
    assert first.headings == ("Tools", "Borrowing")
    assert second.previous == first.text
    assert slip.lead == badge.lead == "You need:"
    assert slip.group == badge.group != drill.group == saw.group
    assert "Tool | Days" in saw.lead
    assert "How do I return a tool?" in shelf.headings


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many keys are there?", "count"),
        ("How many working days do I have?", "duration"),
        ("How long does it take?", "duration"),
        ("How much does a locker cost?", "amount"),
        ("What is the maximum price of a hotel?", "amount"),
        ("How often is it checked?", "frequency"),
        ("By when must I file it?", "time"),
        ("When I travel, may I fly?", "yes_no"),
        ("If I lose my key, who replaces it?", "person"),
        ("To whom do I report it?", "person"),
        ("Where can I park?", "place"),
        ("How do I reset it?", "steps"),
        ("Which documents do I need?", "list"),
        ("Why is it closed?", "reason"),
        ("Are guests allowed?", "yes_no"),
        ("What happens then?", "text"),
    ],
)
def test_the_kind_of_answer_a_question_wants(question: str, kind: str) -> None:
    assert wanted(question) == kind


def test_a_follow_up_without_a_form_takes_that_of_its_topic() -> None:
    question = understand("and for guests? (How many days may I stay)")
    assert question.wanted == "duration"
    assert question.terms == ("guest",)
    assert question.topic == ("mani", "day", "may", "stay")


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("A full refund takes 25 working days a year.", "duration", ["25 working days"]),
        ("Reply within a week.", "duration", ["a week"]),
        ("The rate is EUR 75 per day or 60 euros a night.", "amount", ["EUR 75 per day", "60 euros a night"]),
        ("It rose by 12.5 %.", "amount", ["12.5 %"]),
        ("There are 1,500 seats in 3 halls.", "count", ["1,500", "3"]),
        ("Checked twice a year.", "frequency", ["twice a year"]),
        ("Send it by 31 January 2026.", "time", ["31 January 2026"]),
        ("Open from 8:00 to 18:30.", "time", ["from 8:00 to 18:30"]),
        ("The Facilities team or your manager approves.", "person", ["The Facilities team", "your manager"]),
        ("Nothing of the kind.", "count", []),
    ],
)
def test_values(text: str, kind: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in values(text, kind)] == found


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("May guests use the gym?", "Guests may use the gym.", "Yes"),
        ("May guests use the gym?", "Guests must not use the gym.", "No"),
        ("Can I keep the phone?", "Keeping the phone is forbidden.", "No"),
        ("Do I have to book?", "Booking is required.", "Yes"),
        ("Do I have to book?", "Booking is optional.", "No"),
        ("Does the firm pay for lunch?", "The firm pays for lunch.", "Yes"),
        ("Does the firm pay for lunch?", "The firm does not pay for lunch.", "No"),
        ("May guests use the gym?", "Guests may use the gym if a host is there.", None),
        ("May guests use the gym?", "Only members may use the gym.", None),
        ("May guests use the gym?", "The gym has showers for guests.", None),
        ("Can't guests use the gym?", "Guests may use the gym.", None),
        ("Is it monthly or weekly?", "It is weekly.", None),
        ("Do I have to book?", "Booking opens at nine.", None),
    ],
)
def test_yes_or_no_only_without_doubt(question: str, sentence: str, answer: str | None) -> None:
    assert verdict(question, sentence) == answer


def test_a_quote_is_located_through_blanks_case_and_marks() -> None:
    text = "First.  The “long”\nweek – it has 25 days. Last."
    start, end = locate('- the "long" week - it has 25 days. [3]', text)
    assert text[start:end] == "The “long”\nweek – it has 25 days"
    assert quoted("5 days", text) is None


def test_a_paraphrase_is_located_at_the_nearest_sentence() -> None:
    text = "Badges are blue. Visitors have to wear a badge at all times. Dogs are welcome."
    start, end = locate("A badge must be worn by visitors. [1]", text)
    assert text[start:end] == "Visitors have to wear a badge at all times."


def test_facts_in_another_form_are_found() -> None:
    source = (
        "It costs 1,500 euros, takes five to twenty-two days and ends on Fridays in March. Ask Ada Byron."
    )
    assert missing_facts("In March it costs 1500 and takes 5 days, up to 22; so Ada says.", source) == []
    assert missing_facts("It costs 500 in April; ask Grace.", source) == ["500", "April", "Grace"]


def test_may_is_a_month_only_where_it_is_one() -> None:
    assert not values("They may stay, and march on.", "time")
    text = "Claims close in May."
    assert [text[start:end] for start, end in values(text, "time")] == ["in May"]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("When do I apply, and who signs it?", ["When do I apply", "who signs it"]),
        ("How long is the leave and does it count?", ["How long is the leave", "does it count"]),
        ("Where is the shed? Which key fits it?", ["Where is the shed", "Which key fits it"]),
        ("Where is my drill? I lent it to Ana.", []),
        ("May I bring a cat and a dog?", []),
        ("And when?", []),
    ],
)
def test_several_questions_in_one_are_told_apart(question: str, parts: list[str]) -> None:
    assert clauses(question) == parts
