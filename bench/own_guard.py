"""Kairos' input guard, asked text by text: the "kairos…" rows of bench.guard.

    -m bench.own_guard shared | made | topics

shared: the search has made the text's vector already, as in a turn; made: it is made here. topics: the check `nemo`
with the folder of docs/nemo, whose topics are told apart by vectors of their own.
"""

import asyncio
import os
import sys
import time
from typing import Any

from bench.answering import answer_lines
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.policy.rules import Policy, Rule

CHECKS = ("secrets", "personal_data", "attack", "harmful")


def policy(mode: str) -> Policy:
    """Every check that looks at what a user wrote; none ends the run early."""
    rules: list[dict[str, Any]] = [{"check": name} for name in CHECKS]
    if mode == "topics":
        rules = [{"check": "nemo", "options": {"folder": "docs/nemo/medicine"}}]
    given = [Rule.model_validate({"on": ["input"], "action": "flag", **rule}) for rule in rules]
    return Policy(name="bench", rules=tuple(given))


def main() -> None:
    """Answer {"text"} with {"found", "seconds", "cpu"} until standard input ends."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `kairos` does
    mode = sys.argv[1]
    chosen = policy(mode)

    async def guarded(text: str) -> dict[str, Any]:
        vector = None
        if mode == "shared":
            from tools.guard.injection.vectors import question_vector

            vector = await question_vector(text)
        started, busy = time.perf_counter(), time.process_time()
        outcome = await apply(chosen, "input", text, About(vector=vector))
        took = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - busy}
        if any(one["code"] == "check_failed" for one in outcome.verdicts):
            raise RuntimeError("a check failed")
        return {"found": len(outcome.verdicts), **took}

    with asyncio.Runner() as runner:
        answer_lines(lambda given: runner.run(guarded(given["text"])))


if __name__ == "__main__":
    main()
