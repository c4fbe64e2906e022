"""kairos ask: one governed turn."""

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


def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    thread: Annotated[str | None, typer.Option(callback=text, help="Continue this conversation.")] = None,
    model: Annotated[str | None, typer.Option(help="A model of the catalog.")] = None,
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Ask a question; the answer cites the passages that it rests on.

    Example: kairos ask "How many days of annual leave do I have?"
    """
    result = run(_ask(question, thread, model, local_profile(tenant, split(groups))), as_json)
    if result["refusal"]:
        fail(KairosError(result["refusal"]["code"], result["refusal"]["sentence"]), as_json)
    if as_json:
        print_json(result)
    else:
        show(result)


async def _ask(question: str, thread: str | None, model: str | None, identity: Identity) -> dict[str, Any]:
    from graphs.assistant import build
    from state.postgres.checkpoints import open_saver
    from tools.guard.question import check_question

    if refusal := check_question(question):
        raise KairosError(refusal["code"], refusal["sentence"])
    started = time.perf_counter()
    config = configure(identity, thread or str(uuid4()))
    if thread and await (await open_saver()).aget_tuple(config) is None:
        raise KairosError("thread_unknown", f"There is no conversation {thread!r}.")
    async for mode, event in stream(build(), {"question": question}, config, Context(model=model)):
        if mode == "values":
            state = event
    keys = ("answer", "citations", "route", "model", "verdict", "usage", "refusal", "trace_id")
    return {
        **{key: state[key] for key in keys},
        "thread_id": config["configurable"]["thread_id"],
        "seconds": round(time.perf_counter() - started, 3),
    }


def show(result: dict[str, Any]) -> None:
    """The answer and its sources, for people."""
    console.print(result["answer"], markup=False, highlight=False)
    for citation in result["citations"]:
        page = f", page {citation['page']}" if citation["page"] else ""
        title, document = escape(citation["title"]), escape(citation["document"])
        console.print(f"\n[bold]\\[{citation['number']}] {title}[/bold] ({document}{page})", highlight=False)
        console.print(f"    {' '.join(citation['quote'].split())}", markup=False, highlight=False)
    console.print(
        f"\n[dim]{escape(result['model'])}, {result['seconds']:.2f} s; thread {escape(result['thread_id'])}[/dim]",
        highlight=False,
    )
