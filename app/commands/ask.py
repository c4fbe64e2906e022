"""kairos ask: one governed turn."""

import asyncio
import sys
import time
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.markup import escape

from app.local import configure, local_profile, stream
from app.terminal import Groups, Json, Tenant, console, fail, print_json, run, split, text
from state.context import Context
from state.errors import KairosError
from state.identity import Identity

Yes = Annotated[bool, typer.Option("--yes", help="Ask it whatever a guard would have you confirm.")]


def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    thread: Annotated[str | None, typer.Option(callback=text, help="Continue this conversation.")] = None,
    model: Annotated[str | None, typer.Option(help="A model of the catalog.")] = None,
    tenant: Tenant = "default",
    groups: Groups = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Ask a question; the answer cites the passages that it rests on.

    Example: kairos ask "How many days of annual leave do I have?"
    """
    asked = _ask(question, thread, Context(model=model), local_profile(tenant, split(groups)), yes, as_json)
    result = run(asked, as_json)
    if result["refusal"]:
        fail(KairosError(result["refusal"]["code"], result["refusal"]["sentence"]), as_json)
    if as_json:
        print_json(result)
    else:
        show(result)


async def _ask(
    question: str, thread: str | None, context: Context, identity: Identity, yes: bool, as_json: bool
) -> dict[str, Any]:
    from langgraph.types import Command

    from graphs.assistant import build
    from state.postgres.checkpoints import open_saver
    from tools.guard.question import check_question

    if refusal := check_question(question):
        raise KairosError(refusal["code"], refusal["sentence"])
    started = time.perf_counter()
    config = configure(identity, thread or str(uuid4()))
    if thread and await (await open_saver()).aget_tuple(config) is None:
        raise KairosError("thread_unknown", f"There is no conversation {thread!r}.")
    given: dict[str, Any] | Command[Any] = {"question": question}
    while True:
        async for mode, event in stream(build(), given, config, context):
            if mode == "values":
                state = event
        if not (waiting := state.get("__interrupt__")):
            break
        agreed = yes or await _confirmed(waiting[0].value["description"], as_json)
        given = Command(resume={"type": "accept" if agreed else "ignore", "args": None})
    keys = ("answer", "citations", "route", "model", "verdict", "usage", "refusal", "explanation", "trace_id")
    return {
        **{key: state[key] for key in keys},
        "thread_id": config["configurable"]["thread_id"],
        "seconds": round(time.perf_counter() - started, 3),
    }


async def _confirmed(doubt: str, as_json: bool) -> bool:
    if as_json or not sys.stdin.isatty():
        raise KairosError("confirmation_needed", f"{doubt} Add --yes to ask it nevertheless.")
    console.print(doubt, markup=False)
    return await asyncio.to_thread(typer.confirm, "Ask it nevertheless?", err=True)


def show(result: dict[str, Any]) -> None:
    """The answer and its sources, for people."""
    console.print(result["answer"], markup=False, highlight=False)
    for citation in result["citations"]:
        page = f", page {citation['page']}" if citation["page"] else ""
        title, document = escape(citation["title"]), escape(citation["document"])
        console.print(f"\n[bold]\\[{citation['number']}] {title}[/bold] ({document}{page})", highlight=False)
        console.print(f"    {' '.join(citation['quote'].split())}", markup=False, highlight=False)
    for one in result["explanation"]:
        said = f"{one['check']}: {one['rule']}, {one['action']} ({one['score']:.2f}, {one['ms']:.1f} ms)"
        console.print(said, style="dim", markup=False, highlight=False)
    console.print(
        f"\n[dim]{escape(result['model'])}, {result['seconds']:.2f} s; thread {escape(result['thread_id'])}[/dim]",
        highlight=False,
    )
