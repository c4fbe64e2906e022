"""Our own cases for the extractor: requests of an office, with the schemas that tools of ours have.

A case is a tool and lines "request | parameter = value, …"; a value in brackets is a list, "-" stands for nothing said.
Days are relative to Monday, 1 January 2024.
"""

from collections.abc import Iterator
from typing import Any

from evals.tool_rows import Case, Expected, Function
from training.acting_general import GENERAL


def _object(required: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _whole(description: str) -> dict[str, Any]:
    return {"type": "integer", "description": description}


_DAY, _TIME = {"format": "date"}, {"format": "time"}

CASES: tuple[tuple[Function, str], ...] = (
    (
        Function("absences.request", "Ask for days off.", _object("start_date end_date", start_date=_text("First day.", **_DAY), end_date=_text("Last day.", **_DAY), kind=_text("Kind of absence.", enum=["annual", "sick", "unpaid", "parental"]), reason=_text("Why, in a few words."))),
        """Request sick leave from 8 January to 10 January | start_date = 2024-01-08; end_date = 2024-01-10; kind = sick
        I want to take unpaid leave between 2024-03-04 and 2024-03-08 because my sister marries | start_date = 2024-03-04; end_date = 2024-03-08; kind = unpaid; reason = my sister marries
        Please request annual leave from 5 to 9 February 2024, reason: moving house | end_date = 2024-02-09; kind = annual; reason = moving house
        Can I have days off from 12 February until 16 February? | start_date = 2024-02-12; end_date = 2024-02-16
        Take parental leave starting 1 April 2024 and ending 31 May 2024 | start_date = 2024-04-01; end_date = 2024-05-31; kind = parental
        I am away from next Tuesday to next Friday | start_date = 2024-01-02; end_date = 2024-01-05
        Request leave from 20 March 2024 | start_date = 2024-03-20""",
    ),
    (
        Function("absences.withdraw", "Withdraw an absence.", _object("absence_id", absence_id=_whole("Number of the absence."), reason=_text("Why."))),
        """Withdraw absence 81 | absence_id = 81
        Please withdraw my absence number 9 because the trip was called off | absence_id = 9; reason = the trip was called off
        I need to withdraw absence 1204 | absence_id = 1204""",
    ),
    (
        Function("spaces.reserve", "Reserve a room or a desk.", _object("space date start end", space=_text("Name of the room or desk."), date=_text("The day.", **_DAY), start=_text("From when.", **_TIME), end=_text("Until when.", **_TIME), attendees=_whole("How many people come."), title=_text("What the meeting is about."))),
        """Reserve the Lovelace room on 4 January from 10:00 to 11:30 | space = Lovelace; date = 2024-01-04; start = 10:00; end = 11:30
        Reserve Hopper for 6 people on 9 January between 2 pm and 3 pm | space = Hopper; attendees = 6; date = 2024-01-09; start = 14:00; end = 15:00
        Please reserve desk D12 tomorrow from 8:00 to 17:00 | space = D12; date = 2024-01-02; start = 08:00; end = 17:00
        I need the Curie room on Thursday from 9 am until 10 am for 12 attendees | space = Curie; date = 2024-01-04; start = 09:00; end = 10:00; attendees = 12
        Reserve the Noether room on 2024-02-02 from 13:00 to 14:00 about the budget | space = Noether; date = 2024-02-02; start = 13:00; end = 14:00; title = the budget
        Could you reserve Euler today at 16:00 until 16:30? | space = Euler; date = 2024-01-01; start = 16:00; end = 16:30""",
    ),
    (
        Function("helpdesk.open", "Open a case with the help desk.", _object("title", title=_text("What is wrong, in a few words."), priority=_text("How urgent it is.", enum=["low", "normal", "high", "urgent"]), device=_text("Which device it is about."))),
        """Open a case: the projector in the hall is dead | title = the projector in the hall is dead
        Please open a case because my keyboard lost three keys | title = my keyboard lost three keys
        Open an urgent case about the broken door lock | title = the broken door lock; priority = urgent
        Report that the screen flickers with low priority | priority = low
        Open a case saying that nobody can print on the second floor | title = nobody can print on the second floor
        Open a high priority case: mail does not arrive | title = mail does not arrive; priority = high""",
    ),
    (
        Function("helpdesk.answer", "Answer a case.", _object("case_id text", case_id=_whole("Number of the case."), text=_text("The answer."))),
        """Answer case 77 saying that the part was ordered | case_id = 77; text = the part was ordered
        Answer case 5: please restart the machine | case_id = 5; text = please restart the machine
        Reply to case 310 that the battery is on its way | case_id = 310""",
    ),
    (
        Function("helpdesk.close", "Close a case.", _object("case_id", case_id=_whole("Number of the case."))),
        """Close case 12 | case_id = 12
        Please close the case number 4711 | case_id = 4711
        Case 88 can be closed | case_id = 88""",
    ),
    (
        Function("letters.send", "Send a message to somebody.", _object("to subject body", to=_text("Address of the recipient.", format="email"), subject=_text("Subject line."), body=_text("The text of the message."), copy=_text("Address that gets a copy.", format="email"))),
        """Send a message to kim@example.org with the subject Lunch saying that we meet at noon | to = kim@example.org; subject = Lunch; body = we meet at noon
        Write to pat@example.org about the new badge | to = pat@example.org; subject = the new badge
        Send lee@example.org a message with the subject 'Keys' and the text 'They are in the drawer.' | to = lee@example.org; subject = Keys; body = They are in the drawer.
        Mail sam@example.org, subject: parking, saying the lot is full on Friday | to = sam@example.org; subject = parking; body = the lot is full on Friday
        Send a message to ana@example.org with a copy to max@example.org saying that the visit is moved | to = ana@example.org; copy = max@example.org; body = the visit is moved""",
    ),
    (
        Function("costs.claim", "Claim money that was spent.", _object("amount category", amount={"type": "number", "description": "How much, in euros."}, category=_text("What it was spent on.", enum=["travel", "food", "lodging", "equipment", "other"]), date=_text("When it was spent.", **_DAY), note=_text("What it was for."))),
        """Claim 48.20 euros for food on 3 January | amount = 48.2; category = food; date = 2024-01-03
        I spent 1.240,00 € on equipment yesterday, claim it | amount = 1240.0; category = equipment; date = 2023-12-31
        Claim $15 for travel | amount = 15.0; category = travel
        Please claim 310 euros of lodging because of the fair in Turin | amount = 310.0; category = lodging
        Claim twelve euros for food | amount = 12.0; category = food
        Claim 99.99 for a keyboard, category equipment | amount = 99.99; category = equipment""",
    ),
    (
        Function("people.look_up", "Find a colleague: team, desk and address.", _object("name", name=_text("First or last name, or both."))),
        """Look up Maria Silva | name = Maria Silva
        Who is Jonas Weber? | name = Jonas Weber
        Find the desk of Chen Wei | name = Chen Wei
        Which team does Okafor work in? | name = Okafor""",
    ),
    (
        Function("tasks.assign", "Give a task to a colleague.", _object("task_id assignee", task_id=_text("Such as OPS-12."), assignee=_text("Who is to do it."), due=_text("By when.", **_DAY), notify={"type": "boolean", "description": "Whether to tell them. Default is false."})),
        """Assign OPS-31 to Priya | task_id = OPS-31; assignee = Priya
        Give task WEB-7 to Tom Baker, due 15 January | task_id = WEB-7; assignee = Tom Baker; due = 2024-01-15
        Assign HR-102 to Elena by 1 February and notify her | task_id = HR-102; assignee = Elena; due = 2024-02-01; notify = True""",
    ),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """In the plain format "tools"."""
    for function, lines in (*CASES, *GENERAL):
        for number, line in enumerate(lines.splitlines()):
            request, _, given = line.strip().partition(" | ")
            said = dict(one.split(" = ", 1) for one in given.split("; "))
            arguments = {
                name: [_value(said[name], about)] if name in said else [""]
                for name, about in function.parameters["properties"].items()
            }
            yield Case(f"{function.name}_{number}", request, [function], [Expected(function.name, arguments)])


def _value(text: str, about: dict[str, Any]) -> Any:
    match about["type"]:
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case "boolean":
            return text == "True"
        case "array":
            return text.strip("[]").split(", ")
    return text
