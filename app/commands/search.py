"""kairos search: find passages."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.local import local_profile, opening
from app.terminal import Groups, Json, Tenant, console, print_json, run, split
from state.identity import Identity


def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Find the passages nearest to a text.

    Example: kairos search "parental leave" -k 3
    """
    passages = run(_search(text, k, local_profile(tenant, split(groups))), as_json)
    if as_json:
        print_json({"passages": passages})
        return
    for rank, passage in enumerate(passages, 1):
        page = f", page {passage['page']}" if passage["page"] else ""
        console.print(
            f"[bold]{rank}. {escape(passage['title'])}[/bold] ({escape(passage['document'])}{page}) "
            f"{passage['score']:.3f}"
        )
        if passage["also_in"]:
            console.print(f"also in {', '.join(passage['also_in'])}", markup=False, highlight=False)
        console.print(passage["text"].strip()[:300] + "\n", markup=False, highlight=False)
    if not passages:
        console.print("Nothing found.")


async def _search(text: str, k: int, identity: Identity) -> list[dict[str, Any]]:
    async with opening():
        from state.errors import KairosError
        from tools.guard import check_question
        from tools.rerank.rank import rerank
        from tools.retrieval import find

    if refusal := check_question(text):
        raise KairosError(refusal["code"], refusal["sentence"])
    found = await rerank(identity, text, await find(identity, text), k)
    return [dict(passage) for passage in found]
