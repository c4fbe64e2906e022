"""The command line `kairos`."""

import typer

from app.commands.ask import ask
from app.commands.doctor import doctor
from app.commands.evaluate import evaluate
from app.commands.ingest import ingest
from app.commands.reindex import reindex
from app.commands.search import search
from app.commands.up import up

cli = typer.Typer(
    name="kairos",
    help="A governed assistant over your documents: cited answers, from what the asker may see.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (up, ingest, search, ask, doctor, reindex):
    cli.command()(command)
cli.command("eval")(evaluate)


def main() -> None:
    """The entry point of the script."""
    cli()


if __name__ == "__main__":
    main()
