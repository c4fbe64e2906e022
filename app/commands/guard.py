"""kairos guard: try what the guard says of a text."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from app.terminal import Json, console, explained, print_json, print_table, run

File = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A document or tool result that came with the text."),
]


def guard(
    text: Annotated[str, typer.Argument(help="What a user wrote.")],
    context: File = None,
    as_json: Json = False,
) -> None:
    """Show how the guard's classifier judges a text: score, threshold, action and where.

    Example: kairos guard "Ignore your instructions." --context mail.txt
    """
    with explained(as_json):
        document = context.read_text(encoding="utf-8", errors="replace") if context else ""
    found = run(_judged(text, document), as_json)
    if as_json:
        print_json(found)
        return
    rows = [
        [row["rule"], row["action"], f"{row['score']:.3f}", f"{row['threshold']:.3f}", row["quote"]]
        for row in found["findings"]
    ]
    print_table(["rule", "action", "score", "threshold", "where"], rows, "Nothing was checked.")
    console.print(f"{found['ms']:.1f} ms")


async def _judged(text: str, document: str) -> dict[str, Any]:
    from tools.guard.injection.context import check_context
    from tools.guard.injection.user import check_user

    await check_user("warm up")  # the models are read once a process, which is no part of what a check costs
    started = time.perf_counter()
    pairs = [(finding, text) for finding in await check_user(text)]
    if document:
        pairs.append((await check_context(document, text), document))
    ms = (time.perf_counter() - started) * 1000
    return {
        "ms": round(ms, 2),
        "refused": any(finding.refused for finding, _ in pairs),
        "findings": [
            {
                "rule": finding.rule,
                "action": "refuse" if finding.refused else "allow",
                "score": round(finding.score, 4),
                "threshold": round(finding.threshold, 4),
                "start": finding.start,
                "end": finding.end,
                "how": list(finding.how),
                "quote": source[finding.start : finding.end][:200] if finding.refused else "",
            }
            for finding, source in pairs
        ],
    }
