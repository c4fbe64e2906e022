"""kairos reindex: new vectors from the configured embedder, and a new look by the guard."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.terminal import Json, console, notes, print_json, run

BATCH = 64


def reindex(
    guard: Annotated[
        bool, typer.Option("--guard", help="Only look for instructions anew, after the guard was changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the vectors of all chunks anew, after the embedder was changed; search goes on meanwhile.

    Example: KAIROS_EMBEDDER=cohere kairos reindex
    """
    result: dict[str, str | int] = run(guard_anew() if guard else embed_anew(), as_json)
    if as_json:
        print_json(result)
    elif guard:
        console.print(f"{result['chunks']} chunks were looked at by the present guard.")
    else:
        console.print(f"{result['chunks']} chunks now have vectors of {result['embedder']}.")


async def guard_anew() -> dict[str, str | int]:
    """Look at the chunks that another version of the guard looked at, or none: chunks and version."""
    from state.postgres.suspicions import put, waiting
    from tools.guard.chunks import suspicions
    from tools.guard.injection.network import version
    from tools.guard.shown import shown

    done, last, by = 0, 0, version()
    while rows := await waiting(by, last, BATCH):
        texts = [shown(row["title"], row["headings"], row["text"]) for row in rows]
        found = await suspicions(texts)
        await put([(row["id"], found[text]) for row, text in zip(rows, texts, strict=True)])
        done, last = done + len(rows), rows[-1]["id"]
    return {"chunks": done, "guard": by}


async def embed_anew() -> dict[str, str | int]:
    """Make all vectors anew with a progress bar on standard error: chunks, embedder and dimensions."""
    from state.postgres.reindex import begin, finish, put, waiting
    from tools.analyse import terms
    from tools.embed.embedder import embedder
    from tools.index import Embedded, vectors
    from tools.rerank.stems import pack_stems

    model = await embedder()
    done, total = 0, await begin(model.name, model.dimensions)
    columns = (TextColumn("Embedding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        task = progress.add_task("", total=total)
        while not await finish(model.name, model.dimensions):
            while rows := await waiting(BATCH):
                texts = [Embedded(r["title"], tuple(r["headings"]), r["context"], r["text"]) for r in rows]
                made = zip(rows, texts, await vectors(texts), strict=True)
                await put(
                    [
                        (row["id"], *its, text.digest(model.name), pack_stems(terms(text.whole)))
                        for row, text, its in made
                    ]
                )
                done += len(rows)
                progress.update(task, completed=done)
    return {"chunks": done, "embedder": model.name, "dimensions": model.dimensions}
