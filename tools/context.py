"""Generated context: what a model is shown of a document's chunks, what of its answer is used, and what it may cost."""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from html import escape
from math import ceil
from pathlib import PurePath

from pydantic import TypeAdapter, ValidationError

from state.ingest import Cost
from tools.chunking import Chunk
from tools.models.entry import Entry
from tools.parse import Document
from tools.parse.assemble import clean

TOGETHER = 8
"""Chunks of one call: each is in the others' neighbourhood."""
BEGINNING = 2_000
"""Characters of the document that every call shows."""
LONGEST = 400
"""Characters of a line; a longer answer is not one line of context."""

_ANSWER = TypeAdapter(dict[str, str])
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)

# For the estimate: characters a token and a chunk, tokens of the instructions and of a line; bytes of a file whose
# size is not known; and how much of a file's bytes is text, by its ending.
_CHARACTERS_A_TOKEN = 4
_CHARACTERS_A_CHUNK = 1_200
_INSTRUCTIONS, _LINE = 350, 45
_UNKNOWN_BYTES = 20_000
_TEXT_SHARE = {".pdf": 0.1, ".docx": 0.2, ".pptx": 0.05, ".xlsx": 0.5, ".odt": 0.2, ".epub": 0.3, ".zip": 3.0}


def shown(document: Document) -> tuple[str, str]:
    """Title and beginning of a document, as the prompt shows them."""
    return escape(document.title), escape(document.text[:BEGINNING], quote=False)


def render(chunks: Sequence[Chunk]) -> str:
    """Chunks numbered from 1; their own markup is escaped, so that it cannot end a chunk."""
    return "\n".join(
        f'<chunk number="{number}" section="{escape(" > ".join(chunk.headings))}">\n'
        f"{escape(chunk.text, quote=False)}\n</chunk>"
        for number, chunk in enumerate(chunks, 1)
    )


def lines_in(answer: str, count: int) -> list[str]:
    """The line for each of `count` chunks; empty where the answer holds none that can be used."""
    found = _OBJECT.search(answer)
    try:
        given = _ANSWER.validate_json(found[0]) if found else {}
    except ValidationError:
        given = {}
    lines = [" ".join(clean(given.get(str(number), "")).split()) for number in range(1, count + 1)]
    return [line if len(line) <= LONGEST else "" for line in lines]


def digest(document: Document, chunk: Chunk, made_by: str) -> bytes:
    """A mark of all that a line is made from: `made_by` names model and prompt."""
    parts = (made_by, *shown(document), "\x1e".join(chunk.headings), chunk.text)
    return blake2b("\x1f".join(parts).encode(errors="replace"), digest_size=16).digest()


def estimate(files: Iterable[tuple[str, int | None]], entry: Entry) -> Cost:
    """What describing the chunks of files would take at most: by path and size in bytes, None where it is not known."""
    calls = read = written = 0
    for path, size in files:
        share = _TEXT_SHARE.get(PurePath(path).suffix.lower(), 1.0)
        characters = (_UNKNOWN_BYTES if size is None else size) * share
        chunks = ceil(characters / _CHARACTERS_A_CHUNK)
        of_file = ceil(chunks / TOGETHER)
        calls += of_file
        start = min(characters, BEGINNING)
        read += ceil((characters + of_file * start) / _CHARACTERS_A_TOKEN) + of_file * _INSTRUCTIONS
        written += chunks * _LINE
    cost = None
    if entry.input_price is not None and entry.output_price is not None:
        cost = round((read * entry.input_price + written * entry.output_price) / 1e6, 6)
    return Cost(calls=calls, input_tokens=read, output_tokens=written, cost=cost)


def sentence(cost: Cost, model: str) -> str:
    """The estimate in words."""
    price = "at an unknown price"
    if cost["cost"] is not None:
        price = f"for about ${cost['cost']:.2f}" if cost["cost"] >= 0.01 else "for less than $0.01"
    return (
        f"The model {model!r} would be called about {cost['calls']:,} times to describe chunks, "
        f"reading {cost['input_tokens']:,} and writing {cost['output_tokens']:,} tokens, {price}."
    )
