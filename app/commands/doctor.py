"""kairos doctor: what works, what does not, and how to mend it."""

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import typer
from rich.markup import escape

from app.terminal import Json, console, print_json, run
from state.errors import KairosError
from state.settings import settings

LEAST_FREE_GB = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and how to mend it if it is not well."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def doctor(as_json: Json = False) -> None:
    """Check this installation; every fault comes with its cause and its mend.

    Example: kairos doctor --json
    """
    checks = run(_examine(), as_json)
    well = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": well, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            mark = "[green]ok  [/green]" if check.ok else "[red]bad [/red]"
            console.print(f"{mark} {check.name}: {escape(check.found)}", highlight=False, soft_wrap=True)
            if check.mend:
                console.print(f"     {escape(check.mend)}", highlight=False, soft_wrap=True)
    if not well:
        raise typer.Exit(1)


async def _examine() -> list[Check]:
    checks = [_python(), await asyncio.to_thread(_home)]
    for name, look, mend in (
        ("database", _database, "Mend KAIROS_DATABASE_URL, or unset it to use the embedded Postgres."),
        (
            "embedder",
            _embedder,
            "Run 'make setup', or mend KAIROS_EMBEDDER and its settings; see .env.example.",
        ),
        ("index", _index, "Run 'kairos reindex', or set KAIROS_EMBEDDER back."),
        (
            "reranker",
            _reranker,
            "Mend KAIROS_RERANKER and its settings, see .env.example; until then the local ranking stands.",
        ),
        ("reader", _reader, "Restore tools/weights/ from the repository."),
        (
            "passages",
            _passages,
            "Run 'kairos reindex --guard', or restore tools/weights/ from the repository.",
        ),
        ("models", _models, "Mend the model catalog that KAIROS_MODELS names."),
        (
            "guards",
            _guards,
            "Mend the guard policy, or restore tools/weights/; docs/guards.md says what may stand in one.",
        ),
    ):
        checks.append(await _try(name, look, mend))
    return checks


async def _try(name: str, look: Callable[[], Awaitable[str]], mend: str) -> Check:
    try:
        return Check(name, True, await look())
    except KairosError as error:
        return Check(name, False, error.sentence, mend)


def _python() -> Check:
    well = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Check("python", well, platform.python_version(), "" if well else "Use Python 3.11, 3.12 or 3.13.")


def _home() -> Check:
    home = settings().home.resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home).free / 1e9
    except OSError as error:
        return Check(
            "home", False, f"{home}: {error.strerror}", "Set KAIROS_HOME to a folder you may write to."
        )
    if not os.access(home, os.W_OK):
        return Check(
            "home", False, f"{home} cannot be written", "Set KAIROS_HOME to a folder you may write to."
        )
    mend = "" if free >= LEAST_FREE_GB else "Free some space, or set KAIROS_HOME to another disk."
    return Check("home", not mend, f"{home}, {free:.1f} GB free", mend)


async def _database() -> str:
    from state.postgres.pool import admin

    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT current_setting('server_version') AS version, "
            "(SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector, "
            "(SELECT max(version) FROM schema_migrations) AS migration"
        )
        row = await cursor.fetchone()
    kind = "your own" if settings().database_url else "embedded"
    assert row is not None  # noqa: S101 - a SELECT without FROM gives one row
    return f"{kind} Postgres {row['version']}, pgvector {row['vector']}, migration {row['migration']}"


async def _embedder() -> str:
    from tools.embed.embedder import embedder

    model = await embedder()
    await model.embed_query("Does it answer?")
    return f"{model.name}, {model.dimensions} numbers a vector"


async def _reranker() -> str:
    from tools.rerank.chosen import chosen

    hosted = chosen().hosted
    if hosted is None:
        return "local"
    await hosted.scores("Does it answer?", ["It does."])
    return hosted.name


async def _reader() -> str:
    from tools.reading.reader import load
    from tools.weights import FOLDER

    await asyncio.to_thread(load)
    return f"{FOLDER.name}/reader.onnx, as it was made"


async def _passages() -> str:
    from state.postgres.suspicions import unseen
    from tools.guard.injection.network import load, version

    await asyncio.to_thread(load)
    if waiting := await unseen(version()):
        return (  # no fault: they are guarded all the same
            f"{waiting} chunks were not looked at by the present guard, so that every turn that finds one does; "
            "'kairos reindex --guard' looks at them once"
        )
    return f"all were looked at by the guard {version()}"


async def _index() -> str:
    from state.postgres.index_settings import check
    from state.postgres.pool import admin
    from tools.embed.embedder import embedder

    model = await embedder()
    async with admin() as connection:
        await check(connection, model.name, model.dimensions)
        cursor = await connection.execute(
            "SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM chunks) AS chunks"
        )
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM gives one row
    return f"{row['documents']} documents, {row['chunks']} chunks"


async def _models() -> str:
    from tools.models.catalog import catalog, choose, unavailable

    answering = await asyncio.to_thread(choose, "answer")
    loaded = catalog.now()
    absent = [
        f"{entry.name} ({reason})" for entry in loaded.entries.values() if (reason := unavailable(entry))
    ]
    found = f"{answering.name} answers" + (f"; unavailable: {', '.join(absent)}" if absent else "")
    unpriced = [entry.name for entry in loaded.entries.values() if not entry.priced]
    if loaded.policy.order == "cost" and unpriced:
        found += f"; without prices, so never preferred for their cost: {', '.join(unpriced)}"
    return found


async def _guards() -> str:
    from tools.guard.sample import try_policies

    tried = await try_policies()
    return "; ".join(f"{policy.name}:{policy.hash} with {len(policy.rules)} rules" for policy in tried)
