"""The command line `kairos`."""

import gc
import os

import typer

from app.commands.act import act
from app.commands.approvals import approvals
from app.commands.ask import ask
from app.commands.budgets import budgets
from app.commands.collections import collections
from app.commands.doctor import doctor
from app.commands.documents import documents
from app.commands.evaluate import evaluate
from app.commands.gateway import gateway
from app.commands.guard import guard
from app.commands.guards import guards
from app.commands.ingest import ingest
from app.commands.keys import keys
from app.commands.limits import limits
from app.commands.mcp import mcp
from app.commands.models import models
from app.commands.pins import pins
from app.commands.reindex import reindex
from app.commands.runs import runs
from app.commands.search import search
from app.commands.sign_ins import sign_ins
from app.commands.sources import sources
from app.commands.switches import switches
from app.commands.tasks import tasks
from app.commands.tool_sample import tool_sample
from app.commands.tools import tools
from app.commands.up import up
from app.commands.usage import usage

cli = typer.Typer(
    name="kairos",
    help="A governed assistant over your documents: cited answers, from what the asker may see.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (up, gateway, ingest, search, ask, act, guard, doctor, reindex, usage):
    cli.command()(command)
cli.command("eval")(evaluate)
cli.add_typer(documents, name="documents")
cli.add_typer(collections, name="collections")
cli.add_typer(sources, name="sources")
cli.add_typer(runs, name="runs")
cli.add_typer(tasks, name="tasks")
cli.add_typer(approvals, name="approvals")
cli.add_typer(switches, name="switches")
cli.add_typer(models, name="models")
cli.add_typer(guards, name="guards")
cli.add_typer(keys, name="keys")
cli.add_typer(budgets, name="budgets")
cli.add_typer(limits, name="limits")
tools.add_typer(pins)
tools.add_typer(tool_sample)
tools.add_typer(sign_ins)
cli.add_typer(tools, name="tools")
cli.add_typer(mcp, name="mcp")


def main() -> None:
    """The entry point of the script."""
    # What is imported stays: looking for garbage among it took a tenth of a short command's time.
    gc.set_threshold(100_000, 20, 50)
    # Ranking multiplies small matrices: on busy cores several threads only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cli()


if __name__ == "__main__":
    main()
