# mypy: disable-error-code="import-not-found,import-untyped"
"""The peers of bench.guard, text by text, in the interpreter of bench/peers.txt: what each has that needs no model.

-m bench.peer_guard PEER
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.answering import answer_lines

Find = Callable[[str], int]
WORDS = (
    "project nightjar",
    "ignore all previous instructions",
    "system prompt",
    "jailbreak",
    "do anything now",
)


def presidio() -> Find:
    """Its pattern recognisers, as bench.peer_pii starts them."""
    from bench.peer_pii import analyzer

    engine = analyzer()
    return lambda text: len(engine.analyze(text, language="en"))


def llm_guard() -> Find:
    """Its scanners of words, patterns, secrets and invisible characters; TokenLimit wants a download."""
    from llm_guard import scan_prompt
    from llm_guard.input_scanners import BanSubstrings, InvisibleText, Regex, Secrets
    from llm_guard.input_scanners.anonymize_helpers.regex_patterns import DEFAULT_REGEX_PATTERNS
    from llm_guard.util import configure_logger

    configure_logger("CRITICAL")
    patterns = [each for one in DEFAULT_REGEX_PATTERNS for each in one.get("expressions", ())]
    scanners = [
        BanSubstrings(substrings=list(WORDS), match_type="str", case_sensitive=False),
        Regex(patterns=patterns, is_blocked=True, redact=True),
        Secrets(),
        InvisibleText(),
    ]

    def find(text: str) -> int:
        _, valid, _ = scan_prompt(scanners, text)
        return sum(not fine for fine in valid.values())

    return find


def _nemo(rails: dict[str, Any], role: str) -> Find:
    os.environ["NEMO_GUARDRAILS_NO_USAGE_STATS"] = "1"
    from nemoguardrails import LLMRails, RailsConfig
    from nemoguardrails.rails.llm.options import RailType

    patterns = {"patterns": [rf"(?i)\b{word}\b" for word in WORDS]}
    config = {
        "regex_detection": {"input": patterns, "output": patterns},
        "injection_detection": {"injections": ["code", "sqli", "template", "xss"], "action": "reject"},
    }
    made = LLMRails(
        RailsConfig.from_content(config={"colang_version": "1.0", "rails": {"config": config, **rails}})
    )
    before = [{"role": "user", "content": "What is new?"}] if role == "assistant" else []
    kind = RailType.OUTPUT if role == "assistant" else RailType.INPUT
    runner = asyncio.Runner()

    def find(text: str) -> int:
        asked = made.check_async([*before, {"role": role, "content": text}], [kind])
        found = runner.run(asked).rail is not None
        made.events_history_cache.clear()  # it keeps every text for good
        return int(found)

    return find


def nemo() -> Find:
    """Its input rails: patterns and padded texts."""
    return _nemo({"input": {"flows": ["regex check input", "context bloat detection on input"]}}, "user")


def nemo_yara() -> Find:
    """Its output rails: patterns, and code by YARA."""
    return _nemo({"output": {"flows": ["regex check output", "injection detection"]}}, "assistant")


PEERS: dict[str, Callable[[], Find]] = {
    "presidio": presidio,
    "llm-guard": llm_guard,
    "nemo": nemo,
    "nemo-yara": nemo_yara,
}


def main() -> None:
    """Answer {"text"} with {"found", "seconds", "cpu"} until standard input ends."""
    find = PEERS[sys.argv[1]]()

    def work(given: dict[str, Any]) -> dict[str, Any]:
        started, busy = time.perf_counter(), time.process_time()
        found = find(given["text"])
        took = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - busy}
        return {"found": found, **took}

    answer_lines(work)


if __name__ == "__main__":
    main()
