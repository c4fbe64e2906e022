"""kairos act: one task, done with tools."""

import asyncio
import json
import sys
import time
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.markdown import Markdown

from app.acting import followed, report, requests
from app.forms import filled
from app.local import local_profile
from app.terminal import Groups, Json, Tenant, console, fail, print_json, run, split, text
from state.context import Context
from state.errors import KairosError
from state.identity import Identity


def act(
    task: Annotated[str, typer.Argument(help="What is to be done.")],
    thread: Annotated[str | None, typer.Option(callback=text, help="Go on with this conversation.")] = None,
    model: Annotated[str | None, typer.Option(help="A model of the catalog.")] = None,
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Have a task done with tools; what changes anything waits for an approval.

    Where nobody is at the terminal it ends there: `kairos approvals list` shows what waits.

    Example: kairos act "How many business days are there until Christmas?"
    """
    identity = local_profile(tenant, split(groups))
    result = run(_act(task, thread or str(uuid4()), Context(model=model), identity, as_json), as_json)
    if result["refusal"]:
        fail(KairosError(result["refusal"]["code"], result["refusal"]["sentence"]), as_json)
    if as_json:
        print_json(result)
    else:
        show(result)


async def _act(task: str, thread: str, context: Context, identity: Identity, as_json: bool) -> dict[str, Any]:
    from langgraph.types import Command

    from graphs.agent import build
    from tools.guard.question import check_question

    if refusal := check_question(task):
        raise KairosError(refusal["code"], refusal["sentence"])
    started = time.perf_counter()
    state = await followed(build(), {"question": task}, identity, thread, context)
    while (waiting := requests(state)) and not as_json and sys.stdin.isatty():
        answers = [await _asked(one) for one in waiting]
        if None in answers:
            break
        state = await followed(build(), Command(resume=answers), identity, thread, context)
    return {**report(state, thread), "seconds": round(time.perf_counter() - started, 3)}


async def _asked(request: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of the person at the terminal; None: not now."""
    console.print(Markdown(request["description"]))
    if form := request.get("form"):
        return {"type": "edit", "args": await asyncio.to_thread(filled, form)}
    said = await asyncio.to_thread(
        typer.prompt, "Accept (a), change (c), ignore (i), say something (s), later (l)", "l", err=True
    )
    if said.startswith("c"):
        return {"type": "edit", "args": await asyncio.to_thread(_changed, request["action_request"]["args"])}
    if said.startswith("s"):
        words = await asyncio.to_thread(typer.prompt, "What", err=True)
        return {"type": "response", "args": words}
    kinds = {"a": "accept", "i": "ignore"}
    return {"type": kinds[said[:1]], "args": None} if said[:1] in kinds else None


def _changed(arguments: dict[str, Any]) -> Any:
    """The arguments as the person wants them; asked for again until they are JSON."""
    shown = json.dumps(arguments, ensure_ascii=False)
    while True:
        try:
            return json.loads(typer.prompt("Arguments", shown, err=True))
        except ValueError:
            console.print("This is no JSON.")


def show(result: dict[str, Any]) -> None:
    """What was done, for people."""
    for call in result["made"] or ():
        console.print(f"[dim]{call['tool']}: {call['status']}[/dim]", highlight=False)
    if result["waiting"]:
        for one in result["waiting"]:
            console.print(Markdown(one["description"]))
        console.print("Nothing more happens until this is approved: kairos approvals list", highlight=False)
    else:
        console.print(result["answer"], markup=False, highlight=False)
    facts = f"{result['model']}, {result['seconds']:.2f} s; thread {result['thread_id']}"
    console.print(facts, style="dim", markup=False, highlight=False)
