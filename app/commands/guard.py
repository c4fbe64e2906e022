"""kairos guard: try what a policy says of a text."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.local import local_profile
from app.terminal import Json, Tenant, console, explained, print_json, print_table, run
from app.terminal import text as valid
from state.errors import KairosError
from state.guard import Direction, takes

if TYPE_CHECKING:
    from tools.guard.injection.finding import Finding

Way = Literal["in", "out", "passage", "tool"]
DIRECTIONS: dict[Way, Direction] = {"in": "input", "out": "output", "passage": "passage", "tool": "tool"}


def guard(
    text: Annotated[str, typer.Argument(callback=valid, help="The text to try.")],
    direction: Annotated[Way, typer.Option(help="What it is: a question, an answer, or data.")] = "in",
    tenant: Tenant = "default",
    collection: Annotated[
        str | None, typer.Option(callback=valid, help="The collection whose policy holds.")
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A document that came with a question, or that an answer rests on.",
        ),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A policy's file, not the one in force.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show every verdict of the guard policy on a text: check, rule, place, score, action, time; and what is left.

    Example: kairos guard "My key is ghp_16C7e42F292c6912E7710c838347Ae178B4a" --tenant bank
    """
    if context and direction not in ("in", "out"):
        raise typer.BadParameter("it goes with --direction in or out", param_hint="--context")
    with explained(as_json):
        document = context.read_text(encoding="utf-8", errors="replace") if context else ""
    found = run(_tried(text, DIRECTIONS[direction], document, tenant, collection, policy), as_json)
    if as_json:
        print_json(found)
    else:
        _show(found, text)


async def _tried(
    text: str, direction: Direction, document: str, tenant: str, collection: str | None, file: Path | None
) -> dict[str, Any]:
    from tools.guard.apply import apply
    from tools.guard.check import About
    from tools.guard.policy.choosing import policy_for
    from tools.guard.policy.reading import read_policy

    policy = await (asyncio.to_thread(read_policy, file) if file else policy_for(tenant, collection))
    about = About(local_profile(tenant, ()), question=text, given=(document,) if document else ())
    texts: list[tuple[str, Direction, str]] = [("text", direction, text)]
    if document and direction == "input":
        texts.append(("context", "passage", document))
    for _, way, _ in texts:  # models are read once a process, which is no part of what a check costs
        await apply(policy, way, "Warm up.", about)
    started = time.perf_counter()
    outcomes = {source: await apply(policy, way, written, about, source) for source, way, written in texts}
    ms = (time.perf_counter() - started) * 1000
    verdicts = [
        {**verdict, "quote": outcome.text[verdict["start"] : verdict["end"]]}
        for outcome in outcomes.values()
        for verdict in outcome.verdicts
    ]
    return {
        "policy": f"{policy.name}:{policy.hash}",
        "direction": direction,
        "refused": any(outcome.refusal for outcome in outcomes.values()),
        "ms": round(ms, 2),
        "verdicts": verdicts,
        "redacted": {source: outcome.redacted for source, outcome in outcomes.items()},
        "findings": await _findings(text, direction, document),
    }


async def _findings(text: str, direction: Direction, document: str) -> list[dict[str, Any]]:
    """What the classifiers say, also below their thresholds; nothing where they fail, which a verdict says."""
    try:
        pairs = await _judged(text, direction, document)
    except KairosError:
        pairs = []
    return [
        {
            "rule": finding.rule,
            "action": "refuse" if finding.refused else "allow",
            "score": round(finding.score, 4),
            "threshold": round(finding.threshold, 4),
            "start": finding.start,
            "end": finding.end,
            "how": list(finding.how),
            "quote": written[finding.start : finding.end][:200] if finding.refused else "",
        }
        for finding, written in pairs
    ]


async def _judged(text: str, direction: Direction, document: str) -> list[tuple["Finding", str]]:
    from tools.guard.injection.context import check_context
    from tools.guard.injection.user import check_user

    if direction == "output":
        return []
    if direction != "input":
        return [(await check_context(text), text)]
    pairs = [(finding, text) for finding in await check_user(text)]
    return [*pairs, (await check_context(document, text), document)] if document else pairs


def _show(found: dict[str, Any], text: str) -> None:
    rows = [
        (
            row["source"],
            row["check"],
            row["rule"],
            f"{row['action']} (dry run)" if row["dry_run"] else row["action"],
            row["code"],
            f"{row['score']:.3f}",
            f"{row['ms']:.1f}",
            f"{row['start']}-{row['end']}",
            row["quote"][:200],
        )
        for row in found["verdicts"]
    ]
    columns = ("of", "check", "rule", "action", "code", "score", "ms", "where", "characters")
    print_table(columns, rows, "No rule found anything.")
    for row in found["findings"]:
        said = f"Classifier {row['rule']}: {row['score']:.3f}, counts from {row['threshold']:.3f} on."
        console.print(said, highlight=False)
    sentences = [row["sentence"] for row in found["verdicts"] if takes(row, "refuse")]
    verdict = f"Refused: {sentences[0]}" if found["refused"] else "Not refused."
    console.print(f"{verdict} Policy {found['policy']}, {found['ms']:.1f} ms.", highlight=False, markup=False)
    if not found["refused"] and found["redacted"]["text"] != text:
        console.print(f"What is left: {found['redacted']['text']}", highlight=False, markup=False)
