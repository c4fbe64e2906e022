"""How commands speak: results on standard output, everything else on standard error, one exit code."""

import asyncio
import json
import logging
import sys
import warnings
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import typer
from psycopg import Error as PostgresError
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from prompts.registry import PromptError
from state.errors import KairosError
from state.postgres.pool import close_pool
from tools.mcp.pool import close_sessions
from tools.models.opened import close_door

T = TypeVar("T")

console = Console()
notes = Console(stderr=True)


def text(value: str | None) -> str | None:
    """An option's value, if Postgres can hold it."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("it is not valid UTF-8 text") from None
    return value


def texts(values: list[str]) -> list[str]:
    """The values of an option that may be repeated, if Postgres can hold them."""
    return [text(value) or "" for value in values]


Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object, as the last line.")]
Tenant = Annotated[str, typer.Option(callback=text, help="The tenant to act in (local profile).")]
Groups = Annotated[str, typer.Option(callback=text, help="Groups, separated by commas (local profile).")]


def run(work: Coroutine[Any, Any, T], as_json: bool) -> T:
    """Run a command's work; a failure ends the process with one sentence and exit code 1."""
    with explained(as_json), _told_once():
        result = asyncio.run(_and_close(work))
    return result  # noqa: RET504 - a return inside would leave mypy without one


@contextmanager
def _told_once() -> Iterator[None]:
    """Within, what else fails of a lost database's many connections and tasks is not told beside the sentence."""
    logger = logging.getLogger("psycopg")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
            yield
    finally:
        logger.setLevel(before)


@contextmanager
def explained(as_json: bool) -> Iterator[None]:
    """Within, what a person can mend ends the process with one sentence and exit code 1."""
    try:
        yield
    except KairosError as error:
        fail(error, as_json)
    except (ValidationError, PromptError, SettingsError) as error:
        fail(_config_error(error), as_json)
    except PostgresError as error:
        cause = " ".join(str(error).split()).removesuffix(".") or type(error).__name__
        fail(KairosError("database_failed", f"The database failed: {cause}."), as_json)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(error: KairosError, as_json: bool) -> NoReturn:
    """Say what went wrong and leave."""
    if as_json:
        print_json({"error": {"code": error.code, "sentence": error.sentence}})
    notes.print(f"[red]kairos:[/red] {escape(error.sentence)}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def print_json(value: object) -> None:
    """One object on one line."""
    sys.stdout.write(to_json(value) + "\n")


def to_json(value: object) -> str:
    """JSON with times in ISO 8601, and ids as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"There is no JSON for {type(value).__name__}.")


def print_table(columns: Sequence[str | Column], rows: Sequence[Sequence[object]], otherwise: str) -> None:
    """Rows for people, each value as it is; a sentence where there are none."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*(escape(str(value)) for value in row))
    console.print(table if rows else otherwise)


def split(groups: str) -> tuple[str, ...]:
    """The names in a comma-separated list."""
    return tuple(name.strip() for name in groups.split(",") if name.strip())


def _config_error(error: ValidationError | PromptError | SettingsError) -> KairosError:
    if not isinstance(error, ValidationError):
        return KairosError("config_invalid", str(error))
    first = error.errors(include_input=False)[0]
    name = "_".join(str(step) for step in first["loc"]).upper()
    return KairosError("config_invalid", f"The variable KAIROS_{name} is wrong: {first['msg']}.")


async def _and_close(work: Coroutine[Any, Any, T]) -> T:
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    try:
        return await work
    finally:
        await close_sessions()
        await close_door()
        await close_pool()
