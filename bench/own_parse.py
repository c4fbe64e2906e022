"""Kairos' parser, asked file by file: the "kairos" of bench.parse, and of bench.parsers with the argument `direct`.

`direct` leaves out the worker process that the product keeps between itself and a file.
"""

import asyncio
import sys
from functools import partial
from pathlib import Path

from bench.answering import answer_lines, read_answer
from tools.parse.parsers import parse
from tools.workers import read_parts


async def _parts(path: str) -> str:
    parts = await read_parts(Path(path).name, await asyncio.to_thread(Path(path).read_bytes))
    texts = [part.document.text for part in parts if part.document]
    if not texts:
        raise ValueError("; ".join(part.cause for part in parts))
    return "\n\n".join(texts)


async def _direct(path: str) -> str:
    return parse(Path(path).name, await asyncio.to_thread(Path(path).read_bytes)).text


def main() -> None:
    """Answer until standard input ends."""
    read = _direct if sys.argv[1:] == ["direct"] else _parts
    with asyncio.Runner() as runner:
        answer_lines(partial(read_answer, lambda path: runner.run(read(path))))


if __name__ == "__main__":
    main()
