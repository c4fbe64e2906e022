"""Chunks are looked at for instructions once, when they are stored, so that no turn pays for it."""

from collections.abc import Sequence
from dataclasses import replace

from state.passages import Suspicion
from state.postgres.chunks import ChunkRow
from tools.guard.shown import shown

TOGETHER = 256
"""Texts of one run; bounds the memory."""

Read = tuple[str, str, Sequence[ChunkRow]]
"""A document's title, its text, and its chunks."""


async def suspected(read: Sequence[Read]) -> list[list[ChunkRow]]:
    """The chunks of each document, with what the guard makes of what is read there.

    Raises KairosError `guard_failed`, or `weights_damaged`.
    """
    texts = [
        [shown(title, row.headings, text[slice(*row.read)]) for row in rows] for title, text, rows in read
    ]
    found = await suspicions([text for of_document in texts for text in of_document])
    return [
        [replace(row, suspicion=found[text]) for row, text in zip(rows, of_document, strict=True)]
        for (_, _, rows), of_document in zip(read, texts, strict=True)
    ]


async def suspicions(texts: Sequence[str]) -> dict[str, Suspicion]:
    """What the guard makes of each text that is shown."""
    from tools.guard.injection.context import check_contexts
    from tools.guard.injection.network import version

    made: dict[str, Suspicion] = {}
    distinct = list(dict.fromkeys(texts))
    for at in range(0, len(distinct), TOGETHER):
        run = distinct[at : at + TOGETHER]
        for text, one in zip(run, await check_contexts(run), strict=True):
            made[text] = Suspicion(score=one.score, start=one.start, end=one.end, by=version())
    return made
