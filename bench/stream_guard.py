"""What the output guard lets through, and what it costs: streams with violations, over HTTP through the real door.

    python -m bench.stream_guard [--streams 1000] [--json]

Each stream is an answer of some sentences with a violation in one of them, cut in one of eight ways: whole, sentence,
word, 1, 2, 3, 7 characters, or at random; in every second one the cut goes through the middle of the violation. Each
is asked for with the guard on and off, in turns; first text and total are the client's (httpx). `leaked` counts
characters of the violation's runs of four or more that came out; `kept` how many answers had all their other
sentences. `paced` are streams whose model writes a word each 5 ms: there the first text waits for its sentence.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from bench.shown import bar, finish, machine
from bench.stream_scripts import NEEDS, VIOLATIONS, Script

PACE_S, PACED = 0.005, 60


def policy() -> tuple[Any, list[str]]:
    """A policy of all checks of answers that there are, and the kinds of violations that it should find."""
    from tools.guard.checks import checks
    from tools.guard.policy.rules import Policy

    rules: list[dict[str, Any]] = [
        {"check": "secrets", "on": ["output"], "action": "redact"},
        {
            "check": "personal_data",
            "on": ["output"],
            "action": "redact",
            "options": {"types": ["CARD", "IBAN", "EMAIL", "SSN"]},
        },
    ]
    rules += [
        {"check": name, "on": ["output"], "action": "refuse"}
        for name in ("links", "canary")
        if name in checks()
    ]
    kinds = [kind for kind in VIOLATIONS if NEEDS.get(kind, "secrets") in checks()]
    return Policy.model_validate({"name": "bench", "rules": rules}), kinds


async def asked(client: Any, url: str, number: int) -> dict[str, Any]:
    """One stream as its reader sees it; times in ms."""
    started, first, text, finish = time.perf_counter(), 0.0, "", ""
    body = {"model": "best", "stream": True, "messages": [{"role": "user", "content": f"Answer {number}."}]}
    async with client.stream("POST", f"{url}/chat/completions", json=body) as response:
        if response.status_code != 200:
            raise SystemExit(f"HTTP {response.status_code}: {(await response.aread()).decode()}")
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            for choice in json.loads(line[6:])["choices"]:
                said = choice["delta"].get("content") or ""
                first = first or (time.perf_counter() if said else 0.0)
                text, finish = text + said, choice.get("finish_reason") or finish
    ended = time.perf_counter()
    return {
        "first_ms": 1000 * ((first or ended) - started),
        "total_ms": 1000 * (ended - started),
        "text": text,
        "finish": finish,
    }


def cuts(rows: Sequence[dict[str, Any]], what: str) -> tuple[float, float]:
    """p50 and p95."""
    found = statistics.quantiles([row[what] for row in rows], n=100, method="inclusive")
    return found[49], found[94]


def compared(on: Sequence[dict[str, Any]], off: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The cost of the guard: of each stream with it and without it."""
    report: dict[str, float] = {}
    for what in ("first_ms", "total_ms"):
        added = [{what: one[what] - other[what]} for one, other in zip(on, off, strict=True)]
        for name, rows in (("off", off), ("on", on), ("added", added)):
            p50, p95 = cuts(rows, what)
            report |= {f"{name}_{what}_p50": p50, f"{name}_{what}_p95": p95}
    return report


def quality(scripts: Sequence[Script], on: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What came out that must not, and what did not that may."""
    leaks = [script.leaked(row["text"]) for script, row in zip(scripts, on, strict=True)]
    redacted = [
        (s, row["text"]) for s, row in zip(scripts, on, strict=True) if row["finish"] != "content_filter"
    ]
    return {
        "streams": len(scripts),
        "leaked_characters": sum(leaks),
        "streams_that_leaked": sum(map(bool, leaks)),
        "stopped": len(scripts) - len(redacted),
        "redacted": len(redacted),
        "redacted_that_kept_the_rest": sum(all(other in text for other in s.others) for s, text in redacted),
    }


async def late(scripts: Sequence[Script], held: Any, canary: str) -> dict[str, float]:
    """How many sentences the model had finished besides the first when the first vetted text left."""
    from tools.guard.check import About
    from tools.guard.stream import StreamGuard
    from tools.sentences import sentence_spans

    found = []
    for script in scripts:
        guard, seen = StreamGuard(held, About(canary=canary)), 0
        for sign in script.text:
            seen += 1
            if await guard.feed(sign) or guard.refusal:
                break
        whole = [end for _, end in sentence_spans(script.text) if end < seen]
        found.append(max(0, len(whole) - 1))
    return {"mean": statistics.fmean(found), "most": max(found)}


async def alone(scripts: Sequence[Script], held: Any) -> dict[str, float]:
    """What the guard itself takes: CPU milliseconds of a stream, and of 1,000 characters."""
    from tools.guard.check import About
    from tools.guard.stream import StreamGuard

    rows = []
    for script in scripts:
        guard, started = StreamGuard(held, About()), time.process_time()
        for piece in script.pieces:
            await guard.feed(piece)
        await guard.close()
        ms = 1000 * (time.process_time() - started)
        rows.append({"stream": ms, "thousand": 1000 * ms / len(script.text)})
    report: dict[str, float] = {}
    for what, name in (("stream", "cpu_ms_a_stream"), ("thousand", "cpu_ms_a_1000_characters")):
        p50, p95 = cuts(rows, what)
        report |= {f"{name}_p50": p50, f"{name}_p95": p95}
    return report


async def served(home: Path) -> AsyncIterator[Any]:
    """Address, key and the scripted model behind the real endpoint, in this process."""
    import yaml

    from app.gateway.application import ROUTES
    from state.identity import Identity
    from state.postgres import api_keys
    from state.postgres.pool import close_pool, open_pool
    from tests.fixtures.loopback import serving
    from tests.fixtures.model_server import ModelServer
    from tools.models.opened import close_door

    with ModelServer() as model:
        entry = {"name": "scripted", "provider": "openai_compatible", "model": "s", "base_url": model.url}
        prices = {"serves": ["best"], "input_price": 1, "output_price": 2}
        (home / "models.yaml").write_text(yaml.safe_dump({"models": [entry | prices]}))
        await open_pool()
        made = await api_keys.create(Identity("bench", "ann"), "bench", "ann")
        try:
            async with serving(ROUTES) as address:
                yield f"{address}/v1", made.secret, model
        finally:
            await close_door()
            await close_pool()


async def both(client: Any, url: str, model: Any, scripts: Sequence[Script], pace: float, held: Any) -> Any:
    """Each stream with the guard and without, in turns."""
    from tests.fixtures.model_server import Reply
    from tools.guard.policy import choosing

    in_force: list[Any] = [held]

    async def policy_for(tenant: str, collection: str | None = None) -> Any:
        return in_force[0]

    choosing.policy_for = policy_for
    nothing = held.model_copy(update={"rules": ()})
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    with bar() as progress:
        task = progress.add_task("Streams", total=len(scripts))
        for number, script in enumerate(scripts):
            model.script(Reply(script.text, pieces=script.pieces, between=pace))
            for is_on in (number % 2 == 0, number % 2 == 1):
                in_force[0] = held if is_on else nothing
                rows[is_on].append(await asked(client, url, number))
            progress.update(task, advance=1)
    assert all(row["text"] == script.text for row, script in zip(rows[False], scripts, strict=True))  # noqa: S101
    return rows[True], rows[False]


async def measure(options: argparse.Namespace, home: Path) -> dict[str, Any]:
    """All figures."""
    import httpx

    import tools.models.guards as guards
    from tools.guard.check import About

    held, kinds = policy()
    canary, about_of = VIOLATIONS["canary"][1], guards.about_of
    if "canary" in kinds:  # this endpoint's callers have no prompt of ours, so none
        guards.about_of = lambda call: About(given=about_of(call).given, canary=canary)
    scripts = [Script(number, kinds) for number in range(options.streams)]
    paced = [Script(number, kinds) for number in range(PACED)]
    for script in paced:
        script.pieces = re.findall(r"\S+\s*", script.text)
    report: dict[str, Any] = {"kinds": kinds}
    async for url, key, model in served(home):
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
            await both(client, url, model, scripts[:20], 0.0, held)  # warm
            on, off = await both(client, url, model, scripts, 0.0, held)
            report["guard"] = quality(scripts, on)
            report["as_fast_as_possible"] = compared(on, off)
            slow_on, slow_off = await both(client, url, model, paced, PACE_S, held)
            report["paced"] = compared(slow_on, slow_off)
    report["alone"] = await alone(scripts, held)
    report["sentences_late"] = await late(scripts[:200], held, "")
    if "canary" in kinds:
        report["sentences_late_with_canary"] = await late(scripts[:200], held, canary)
    return report | {"machine": machine()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kairos-stream-guard-") as folder:
        home = Path(folder)
        os.environ |= {
            "KAIROS_HOME": folder,
            "KAIROS_MODELS": str(home / "models.yaml"),
            "KAIROS_DATABASE_URL": "",
        }
        report = asyncio.run(measure(options, home))
    tables = {name: {"": found} for name, found in report.items() if isinstance(found, dict)}
    finish(report, options.json, tables)


if __name__ == "__main__":
    main()
