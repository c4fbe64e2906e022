"""kairos search: find passages."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column

from app.filters import typed_filters
from app.local import local_profile, opening
from app.terminal import (
    Groups,
    Json,
    Tenant,
    console,
    explained,
    notes,
    print_json,
    print_table,
    run,
    split,
    text,
    texts,
)
from state.filters import Filters
from state.identity import Identity

Explain = Annotated[bool, typer.Option("--explain", help="Show what each part of the ranking gave.")]
Collections = Annotated[
    list[str], typer.Option("--collection", callback=texts, help="Only this one; may be repeated.")
]
Where = Annotated[
    list[str],
    typer.Option(
        callback=texts,
        help="Only where the metadata has key=value, key>=value or key<=value; may be repeated.",
    ),
]
Languages = Annotated[
    list[str], typer.Option("--language", callback=texts, help="Such as en; may be repeated.")
]
After = Annotated[
    str | None, typer.Option(callback=text, help="Stored or changed on this day (2026-01-31) or later.")
]
Before = Annotated[str | None, typer.Option(callback=text, help="Last stored or changed before this day.")]


def search(
    wanted: Annotated[str, typer.Argument(metavar="TEXT", help="What to look for.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    explain: Explain = False,
    collection: Collections = [],  # noqa: B006 - typer reads it, nothing writes it
    where: Where = [],  # noqa: B006
    language: Languages = [],  # noqa: B006
    after: After = None,
    before: Before = None,
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Find the passages nearest to a text.

    Example: kairos search "parental leave" -k 3 --collection handbook --where "year>=2025" --explain
    """
    with explained(as_json):
        filters = typed_filters(collection, where, after, before, language)
    found = run(_search(wanted, k, local_profile(tenant, split(groups)), filters), as_json)
    passages = found["passages"]
    if as_json:
        print_json(found if explain else {"passages": [_without_why(passage) for passage in passages]})
        return
    if explain or found["plan"]["corrections"]:
        notes.print(found["plan"]["why"])
    for rank, passage in enumerate(passages, 1):
        _show(rank, passage)
    if explain or not passages:
        _show_scores(passages)
    if found["rerank_error"]:
        notes.print(f"The hosted reranker failed ({found['rerank_error']}): this is the local ranking.")


async def _search(wanted: str, k: int, identity: Identity, filters: Filters) -> dict[str, Any]:
    async with opening():
        from state.errors import KairosError
        from tools.guard.question import check_question
        from tools.query.plan import plan
        from tools.rerank.chosen import chosen
        from tools.rerank.rank import rerank
        from tools.retrieval import find_planned

    if refusal := check_question(wanted):
        raise KairosError(refusal["code"], refusal["sentence"])
    reranker = chosen()
    candidates, planned = await find_planned(identity, await plan(identity, wanted), filters)
    asked = planned["standalone"]
    passages = await rerank(identity, asked, candidates, k, reranker=reranker, filters=filters)
    return {
        "plan": dict(planned),
        "passages": [dict(passage) for passage in passages],
        "reranked_by": reranker.by,
        "rerank_error": reranker.error,
    }


def _without_why(passage: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in passage.items() if name != "why"}


def _show(rank: int, passage: dict[str, Any]) -> None:
    page = f", page {passage['page']}" if passage["page"] else ""
    console.print(
        f"[bold]{rank}. {escape(passage['title'])}[/bold] ({escape(passage['document'])}{page}) "
        f"{passage['score']:.3f}"
    )
    if passage["also_in"]:
        console.print(f"also in {', '.join(passage['also_in'])}", markup=False, highlight=False)
    console.print(passage["text"].strip()[:300] + "\n", markup=False, highlight=False)


def _show_scores(passages: Sequence[dict[str, Any]]) -> None:
    """One row a passage, one column a part of the ranking; a part that gave a passage nothing is left empty."""
    parts = list(dict.fromkeys(name for passage in passages for name in passage.get("why", {})))
    numbers = [Column(name, justify="right") for name in ("score", *parts)]
    rows = [
        [rank, passage["document"], f"{passage['score']:.3f}", *_cells(passage.get("why", {}), parts)]
        for rank, passage in enumerate(passages, 1)
    ]
    print_table(["", "document", *numbers], rows, "Nothing found.")


def _cells(why: dict[str, float], parts: Sequence[str]) -> list[str]:
    return [f"{why[name]:.3f}" if name in why else "" for name in parts]
