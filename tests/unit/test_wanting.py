"""Requests to act go to the tools; questions of knowledge stay with the documents."""

import pytest

from tests.fixtures.office_tools import ALL, CALCULATOR, DATES
from tools.acting.wanting import wants_tool

ACTS = (
    "Book the Ada room tomorrow from 14:00 to 15:00",
    "Please book a room for Friday 10 am to 11 am",
    "Request annual leave from 3 March 2027 to 14 March 2027",
    "I'd like to request leave next Monday",
    "Cancel my leave request 17",
    "Can you cancel request 12?",
    "Send an e-mail to anna@example.com saying that I am late",
    "Could you please open a ticket: my laptop does not start",
    "Create a ticket for the broken printer",
    "File an expense claim of 42.50 euros for meals",
    "I need to file an expense of 120 euros for travel",
    "Close ticket 451",
    "Please close the ticket 12",
    "What is 17 % of 340?",
    "How many days are there between 3 March and 1 May?",
    "12 * 7 + 3",
    "What time is it in Tokyo?",
    "Which weekday is 24 December 2026?",
    "How many days of leave do I have left?",
    "Show my leave balance",
    "Submit an expense claim for a train ticket, 89 euros",
    "Reserve the Turing room on 5 May from 9:00 to 10:00",
    "Open a ticket with high priority: VPN is down",
    "I want to book a meeting room for tomorrow",
    "Would you cancel my leave request number 8",
    "square root of 2",
    "What date is 30 days after 3 March 2026?",
    "Raise a ticket about the broken screen",
    "Add an expense of 12 euros for meals yesterday",
    "How many business days until Christmas?",
    "1.234,50 € plus 19 %",
)
KNOWLEDGE = (
    "How many days of annual leave do I get?",
    "What is the travel policy?",
    "How do I book a meeting room?",
    "Who approves expense claims?",
    "What happens if I cancel my leave?",
    "Can I carry over unused leave?",
    "What is the notice period?",
    "How much is the meal allowance in Berlin?",
    "When are expenses paid?",
    "Am I allowed to work from abroad?",
    "Which form do I need for sick leave?",
    "What does the handbook say about pets?",
    "Explain the expense rules",
    "Summarize the leave policy",
    "Is there a limit for hotel costs?",
    "Tell me about parental leave",
    "What is the capital of France?",
    "Who is the head of IT?",
    "How many employees does the company have?",
    "What are the opening hours of the canteen?",
    "Why was my claim rejected?",
    "Hello",
    "Thanks a lot",
    "Should I file expenses within 30 days?",
    "What is the deadline for expense claims?",
    "How long is the probation period?",
    "Do contractors have paid leave?",
    "Where do I find the printer?",
    "What is 5?",
    "Are meals reimbursed?",
    "What is the booking procedure for rooms?",
    "Write a poem about cats",
    "Make me a sandwich",
    "Run a marathon with me",
    "Open the window",
    "Can trainees request unpaid leave?",
    "What is my notice period according to the handbook?",
    "How many people may use the Ada room?",
    "Does the company pay for the train?",
    "What is a ticket?",
    "Book policy for travel",
)


@pytest.mark.parametrize("request_", ACTS)
async def test_what_asks_for_a_tool(request_: str) -> None:
    assert await wants_tool(request_, ALL)


@pytest.mark.parametrize("question", KNOWLEDGE)
async def test_what_is_for_the_documents(question: str) -> None:
    assert not await wants_tool(question, ALL)


@pytest.mark.parametrize("request_", ["Book the Ada room tomorrow from 14:00 to 15:00", "Close ticket 451"])
async def test_without_a_fitting_tool_there_is_nothing_to_act_with(request_: str) -> None:
    assert not await wants_tool(request_, [CALCULATOR, DATES])
    assert not await wants_tool(request_, [])
