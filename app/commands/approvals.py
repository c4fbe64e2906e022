"""kairos approvals: what waits for a person, and the answers."""

import json
import re
import sys
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markdown import Markdown

from app.acting import carried_on, report
from app.forms import filled
from app.local import local_profile
from app.terminal import Groups, Json, Tenant, console, print_json, print_table, run, split, text
from state.errors import KairosError
from state.identity import Identity
from state.inbox import Answer

approvals = typer.Typer(help="Answer what agents must not do alone.", no_args_is_help=True)

WHOLE, SHORT = 36, 8
"""Characters of an id that tell one from another; all commands take any beginning of it."""


def _hexadecimal(given: str) -> str:
    if not re.fullmatch(r"[0-9a-f-]{4,36}", given.lower()):
        raise typer.BadParameter("an id is hexadecimal, and its beginning at least 4 characters")
    if len(given) == WHOLE:
        try:
            UUID(given)
        except ValueError:
            raise typer.BadParameter("this is no id") from None
    return given.lower()


Id = Annotated[str, typer.Argument(metavar="ID", callback=_hexadecimal, help="From `kairos approvals list`.")]


@approvals.command("list")
def list_(tenant: Tenant = "default", groups: Groups = "", as_json: Json = False) -> None:
    """List what you may answer, oldest first; times are in UTC.

    Example: kairos approvals list --groups finance
    """
    from state.postgres import approvals as store

    rows = run(store.pending(local_profile(tenant, split(groups))), as_json)
    if as_json:
        print_json({"approvals": rows})
        return
    cells = [
        (
            str(row["id"])[:SHORT],
            row["principal"],
            row["tool"],
            row["risk"],
            _short(row["arguments"]),
            f"{row['expires_at']:%d %b %H:%M}",
        )
        for row in rows
    ]
    print_table(("id", "for", "tool", "risk", "arguments", "expires"), cells, "Nothing waits for you.")


@approvals.command()
def show(approval: Id, tenant: Tenant = "default", groups: Groups = "", as_json: Json = False) -> None:
    """Show what exactly will happen, and why it is asked.

    Example: kairos approvals show 6f0f…
    """
    found = run(_waiting(local_profile(tenant, split(groups)), approval), as_json)
    if as_json:
        print_json(found)
        return
    console.print(Markdown(found["description"]))
    facts = f"for {found['principal']}; {found['answers']} of {found['needed']} people have accepted it"
    console.print(facts, style="dim", markup=False, highlight=False)


@approvals.command("answer")
def answer_(
    approval: Id,
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE", help="What it asks for.")
    ] = None,
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Answer what a tool asks; at a terminal it asks for each field that is not given.

    Example: kairos approvals answer 6f0f… day=2027-01-12
    """
    identity = local_profile(tenant, split(groups))
    asked = run(_waiting(identity, approval), as_json)
    if not asked["form"]:
        raise typer.BadParameter("this asks nothing: accept it, edit it or reject it")
    given = filled(asked["form"], fields or (), ask=sys.stdin.isatty() and not as_json)
    _answer(identity, str(asked["id"]), "edit", given, as_json)


@approvals.command()
def accept(approval: Id, tenant: Tenant = "default", groups: Groups = "", as_json: Json = False) -> None:
    """Have it done as it is shown.

    Example: kairos approvals accept 6f0f…
    """
    _answer(local_profile(tenant, split(groups)), approval, "accept", None, as_json)


@approvals.command()
def edit(
    approval: Id,
    arguments: Annotated[str, typer.Argument(help="All arguments, as a JSON object.")],
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Have it done with other arguments; they are checked as the agent's are.

    Example: kairos approvals edit 6f0f… '{"room": "Oak", "day": "2027-01-12"}'
    """
    try:
        given = json.loads(arguments)
    except ValueError:
        raise typer.BadParameter("the arguments are no JSON object") from None
    _answer(local_profile(tenant, split(groups)), approval, "edit", given, as_json)


@approvals.command()
def reject(
    approval: Id,
    note: Annotated[str | None, typer.Option(callback=text, help="What the agent is told.")] = None,
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Have it not done.

    Example: kairos approvals reject 6f0f… --note "Ask Ann first."
    """
    _answer(local_profile(tenant, split(groups)), approval, "response" if note else "ignore", note, as_json)


def _answer(identity: Identity, approval: str, kind: Answer, given: Any, as_json: bool) -> None:
    found = run(_answered(identity, approval, kind, given), as_json)
    if as_json:
        print_json(found)
        return
    task = found["task"]
    if task is None:
        console.print(f"{found['status']}: {found['answers']} of {found['needed']} people have accepted it.")
    else:
        waits = "The task waits for more." if task["waiting"] else task["answer"]
        console.print(f"{found['status']}. {waits}", markup=False, highlight=False)


async def _waiting(identity: Identity, beginning: str) -> dict[str, Any]:
    """The one that the identity may answer. Raises KairosError approval_unknown or approval_ambiguous."""
    from state.postgres import approvals as store

    found = [row for row in await store.pending(identity) if str(row["id"]).startswith(beginning)]
    if not found:
        raise KairosError("approval_unknown", f"Nothing that waits for you has the id {beginning}.")
    if len(found) > 1:
        raise KairosError("approval_ambiguous", f"{len(found)} ids begin with {beginning}; give more of it.")
    return found[0]


async def _answered(identity: Identity, approval: str, kind: Answer, given: Any) -> dict[str, Any]:
    """The answer, and how the task stands after it went on; nobody waits for a task that still waits."""
    from tools.acting.answering import answer

    # A whole id is answered as it is, so that it is told what became of one that waits no more.
    whole = UUID(approval) if len(approval) == WHOLE else (await _waiting(identity, approval))["id"]
    row = await answer(identity, whole, kind, given)
    task = None
    if row["status"] != "pending":
        try:
            task = report(await carried_on(row["thread_id"]), row["thread_id"])
        except KairosError as error:
            console.print(f"It was answered, but the task did not go on: {error.sentence}", style="red")
    return {"id": str(row["id"]), **{key: row[key] for key in ("status", "needed", "answers")}, "task": task}


def _short(arguments: dict[str, Any]) -> str:
    said = json.dumps(arguments, ensure_ascii=False)
    return said if len(said) <= 60 else f"{said[:59]}…"
