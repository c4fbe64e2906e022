"""Many chunks to search, synthetic but realistic, with all that ranking reads, and the questions to ask of them.

Each chunk recombines 8 sentences of the sample handbook, with what the embedder stores of them, and names one of the
documents; its vector is the normed mean of its sentences' real vectors, weighted by their lengths.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bench.handbook import FOLDER
from evals.formats import load_qa
from state.identity import Identity
from state.postgres.chunks import vector_literal
from state.postgres.pool import Connection, admin
from tools.analyse import terms
from tools.embed.embedder import embedder
from tools.embed.minilm import NAME, Minilm
from tools.parse.parsers import parse
from tools.rerank.stems import pack_stems
from tools.sentence_vectors import pack
from tools.sentences import sentence_spans

SENTENCES = 8
OF_DOCUMENT = 20
BATCH = 2_000
ASKER = Identity("bench", "bench", ("staff",))
VISIBLE = (1, 2)
CLASSES: tuple[tuple[str, list[str]], ...] = (
    ("bench", []),
    ("bench", ["staff"]),
    ("bench", ["board"]),
    ("other", []),
)
SHARES = (0.80, 0.10, 0.05, 0.05)
"""Of the documents that are the whole tenant's, the asker's group's, another group's, and another tenant's."""

Vectors = NDArray[np.float32]
Query = tuple[list[str], list[float]]
"""Index terms and vector of a question."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the handbook: its index terms, vector, token codes."""

    text: str
    stems: list[str]
    vector: Vectors
    codes: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk to store; access: the class of its document."""

    id: int
    document: int
    access: int
    text: str
    stems: list[str]
    vector: Vectors
    spans: bytes
    codes: bytes


async def sentences() -> list[Sentence]:
    """The distinct sentences of the handbook."""
    found: dict[str, None] = {}
    for document in load_qa(FOLDER).documents:
        if document.path:
            with open(document.path, "rb") as file:  # noqa: ASYNC230 - a bench, before the clock starts
                text = parse(document.path, file.read()).text
            found |= dict.fromkeys(text[start:end] for start, end in sentence_spans(text) if end - start > 30)
    texts, model = list(found), await embedder()
    assert isinstance(model, Minilm)  # noqa: S101 - the default
    vectors, _, codes = await model.embed_with_spans(texts, [[] for _ in texts])
    return [Sentence(*each) for each in zip(texts, map(terms, texts), vectors, codes, strict=True)]


def chunks(of: Sequence[Sentence], count: int) -> Iterator[Chunk]:
    """The same chunks for the same arguments; ids from 1."""
    chance = random.Random(0)  # noqa: S311 - repeatable data
    documents = -(-count // OF_DOCUMENT)
    classes = random.Random(1).choices(range(1, len(CLASSES) + 1), SHARES, k=documents)  # noqa: S311
    for at in range(count):
        chosen, named = chance.sample(of, SENTENCES), f"Reference {chance.randrange(documents) + 1}"
        vectors = np.array([each.vector for each in chosen])
        mean = np.array([len(each.text) for each in chosen], np.float32) @ vectors
        noise = np.random.default_rng(chance.getrandbits(32)).normal(0, 0.01, mean.shape).astype(np.float32)
        unit = mean / np.linalg.norm(mean) + noise
        yield Chunk(
            id=at + 1,
            document=at // OF_DOCUMENT + 1,
            access=classes[at // OF_DOCUMENT],
            text=" ".join([*(each.text for each in chosen), f"{named}."]),
            stems=[stem for each in chosen for stem in each.stems] + terms(named),
            vector=unit / np.linalg.norm(unit),
            spans=pack(vectors),
            codes=b"".join(each.codes for each in chosen),
        )


async def asked(queries: int) -> list[Query]:
    """The handbook's questions as index terms and vectors."""
    model = await embedder()
    return [(terms(text), (await model.embed_query(text)).tolist()) for text in questions(queries)]


def questions(most: int) -> list[str]:
    """The handbook's questions, or the first of them."""
    return [question.question for question in load_qa(FOLDER).questions][:most]


async def fill(count: int) -> None:
    """Load the chunks as the tables' owner; the vector index is built at the end."""
    made = chunks(await sentences(), count)
    async with admin() as connection:
        await connection.execute("DROP INDEX chunks_embedding")
        await _frame(connection)
        for first in track(range(0, count, BATCH), "Loading"):
            await _copy(connection, [next(made) for _ in range(min(BATCH, count - first))])
        await connection.execute(
            "UPDATE access_classes a SET chunks = s.n, terms = s.t FROM (SELECT access, count(*) AS n, "
            "sum(terms) AS t FROM chunks GROUP BY access) s WHERE s.access = a.id"
        )
        await connection.execute(
            "INSERT INTO term_counts (access, term, chunks) "
            "SELECT access, term, count(*) FROM postings GROUP BY access, term"
        )
        await connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
        await connection.execute(
            "CREATE INDEX chunks_embedding ON chunks USING hnsw (embedding halfvec_ip_ops)"
        )


async def _frame(connection: Connection) -> None:
    """Classes, one collection with one file that all documents are of, and the embedder's name."""
    for tenant, groups in CLASSES:
        await connection.execute(
            "INSERT INTO access_classes (tenant, groups) VALUES (%s, %s)", (tenant, groups)
        )
    await connection.execute(
        "WITH c AS (INSERT INTO collections (tenant, name) VALUES ('bench', 'default') RETURNING id) "
        "INSERT INTO files (tenant, collection, uri, path, access, status) "
        "SELECT 'bench', id, 'bench:/', 'bench', 1, 'stored' FROM c"
    )
    await connection.execute("INSERT INTO index_settings (embedder, dimensions) VALUES (%s, 384)", (NAME,))


async def _copy(connection: Connection, batch: Sequence[Chunk]) -> None:
    counts = [(chunk, Counter(chunk.stems)) for chunk in batch]
    documents = {chunk.document: chunk.access for chunk in batch}
    async with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY documents (id, tenant, access, collection, file, member, uri, path, title, name, media_type, text, "
            "content_hash) FROM STDIN"
        ) as copy,
    ):
        for key, access in documents.items():
            path, title = f"bench:/{key}", f"Reference {key}"
            await copy.write_row(
                (
                    key,
                    CLASSES[access - 1][0],
                    access,
                    1,
                    1,
                    path,
                    path,
                    path,
                    title,
                    title,
                    "text/plain",
                    "",
                    b"",
                )
            )
    async with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY chunks (id, access, document, ordinal, start_at, end_at, read_start, read_end, headings, text, "
            "terms, embedding, span_vectors, token_codes, stems) FROM STDIN"
        ) as copy,
    ):
        for one, _ in counts:
            start = one.id * 10_000
            end = start + len(one.text)
            place = (one.id, one.access, one.document, one.id, start, end, start, end, "{}", one.text)
            vector = vector_literal(one.vector.tolist())
            packed = (one.spans, one.codes, pack_stems(one.stems))
            await copy.write_row((*place, len(one.stems), vector, *packed))
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY postings (access, term, chunk, frequency, terms) FROM STDIN") as copy,
    ):
        for one, count in counts:
            for term, frequency in count.items():
                await copy.write_row((one.access, term, one.id, frequency, len(one.stems)))
