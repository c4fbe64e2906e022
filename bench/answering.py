"""The other end of bench.programs: a program that answers a JSON line with a JSON line. Standard library only."""

import json
import os
import re
import sys
import zlib
from collections.abc import Callable
from time import perf_counter
from typing import Any

WORD = re.compile(r"\w{2,}")


def answer_lines(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer every line of standard input, a failure as {"error": …}; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _write(answers, {"ready": True})
    for line in sys.stdin:
        started = perf_counter()
        try:
            answer = work(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever a library raises is its answer to this file
            answer = {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]}
        _write(answers, {"seconds": perf_counter() - started, **answer})


def read_answer(read: Callable[[str], str], given: dict[str, Any]) -> dict[str, Any]:
    """What a reader made of the file at `path`: its seconds, whether `phrase` is in it, checksums of its words."""
    started = perf_counter()
    text = read(given["path"])
    seconds = perf_counter() - started
    if not text.strip():
        return {"error": "nothing readable", "seconds": seconds}
    found = " ".join(given["phrase"].split()) in " ".join(text.split())
    words = sorted({zlib.crc32(word.encode()) for word in WORD.findall(text.lower())})
    return {"seconds": seconds, "characters": len(text), "found": found, "words": words}


def _write(answers: Any, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
