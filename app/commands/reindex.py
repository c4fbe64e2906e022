"""kairos reindex: new vectors from the configured embedder."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.terminal import Json, console, notes, print_json, run

BATCH = 64


def reindex(as_json: Json = False) -> None:
    """Make the vectors of all chunks anew, after the embedder was changed; search goes on meanwhile.

    Example: KAIROS_EMBEDDER=cohere kairos reindex
    """
    result = run(embed_anew(), as_json)
    if as_json:
        print_json(result)
    else:
        console.print(f"{result['chunks']} chunks now have vectors of {result['embedder']}.")


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
