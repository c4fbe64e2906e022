"""What the model door adds to a node's call, in process: the same stub upstream through three clients, in turns.

    python -m bench.door [--calls 500] [--profile FILE] [--json]

`openai` is the bare openai.AsyncOpenAI, `langchain` LangChain's ChatOpenAI, `door` Kairos' chat model with routing,
admission by a real Postgres (a budget is set), failover and ledger. One call at a time; each figure is the least of
three rounds, and `added` is to `openai`. CPU is that of this process, without Postgres. --profile: of the door alone.
"""

import argparse
import cProfile
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop

from bench.gateway import stub
from bench.gateway_own import MODELS, kairos
from bench.load_client import MESSAGES
from bench.served import Upstreams
from bench.shown import bar, finish, machine
from bench.stub_upstream import TEXT

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ROUNDS, WARM_UP, ENOUGH_USD, MOST_OUTPUT = 3, 20, 1e6, 64
OF = "openai"
Ask = Callable[[], Awaitable[float]]
"""A call; the seconds (perf_counter) when its first text was there."""


def openai_client(url: str) -> dict[str, Ask]:
    """The bare client, plain and streamed."""
    from openai import AsyncOpenAI

    create: Any = AsyncOpenAI(base_url=url, api_key="none", max_retries=0).chat.completions.create
    given: dict[str, Any] = {"model": MODELS[0], "messages": MESSAGES, "max_tokens": MOST_OUTPUT}

    async def plain() -> float:
        answer = await create(**given)
        return _checked(answer.choices[0].message.content, time.perf_counter())

    async def stream() -> float:
        async def texts() -> AsyncIterator[str]:
            usage = {"include_usage": True}
            async for chunk in await create(**given, stream=True, stream_options=usage):
                yield (chunk.choices[0].delta.content or "") if chunk.choices else ""

        return await _first(texts())

    return {"plain": plain, "stream": stream}


def langchain_model(model: "BaseChatModel") -> dict[str, Ask]:
    """A LangChain model, plain and streamed."""

    async def plain() -> float:
        message = await model.ainvoke(MESSAGES, max_tokens=MOST_OUTPUT)
        return _checked(str(message.text), time.perf_counter())

    async def stream() -> float:
        async def texts() -> AsyncIterator[str]:
            async for chunk in model.astream(MESSAGES, max_tokens=MOST_OUTPUT):
                yield str(chunk.text)

        return await _first(texts())

    return {"plain": plain, "stream": stream}


async def _first(texts: AsyncIterator[str]) -> float:
    found, first = "", 0.0
    async for text in texts:
        found += text
        first = first or (time.perf_counter() if text else 0.0)
    return _checked(found, first)


def _checked(text: str, first: float) -> float:
    if text != TEXT:
        raise SystemExit(f"This is not the stub's answer: {text!r}")
    return first


async def clients(url: str, authorization: str) -> dict[str, dict[str, Ask]]:
    """What is measured, by name."""
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    from app.users import by_key
    from state.caller import Caller
    from tools.models.door import chat_model

    identity = await by_key(authorization)
    assert identity is not None  # noqa: S101 - the key was just made
    door = await chat_model("answer", Caller(identity, "bench"), MODELS[0])
    bare = ChatOpenAI(model=MODELS[0], base_url=url, api_key=SecretStr("none"), max_retries=0)
    return {OF: openai_client(url), "langchain": langchain_model(bare), "door": langchain_model(door)}


async def measured(
    asks: dict[str, Ask], calls: int, profile: cProfile.Profile | None
) -> dict[str, dict[str, float]]:
    """One round: milliseconds by client, with the clients taking turns."""
    seconds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in asks}
    for _ in range(calls):
        for name, ask in asks.items():
            if profile is not None and name == "door":
                profile.enable()
            started, cpu = time.perf_counter(), time.process_time()
            first = await ask()
            row = (time.perf_counter() - started, first - started, time.process_time() - cpu)
            if profile is not None:
                profile.disable()
            seconds[name].append(row)
    return {name: _row(found) for name, found in seconds.items()}


def _row(found: list[tuple[float, float, float]]) -> dict[str, float]:
    whole, first, cpu = ([1000 * value for value in column] for column in zip(*found, strict=True))
    row = {"cpu_ms": statistics.fmean(cpu)}
    for kind, values in (("", whole), ("first_", first)):
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        row |= {f"{kind}p50_ms": cuts[49], f"{kind}p95_ms": cuts[94]}
    return row


async def measure(url: str, authorization: str, options: argparse.Namespace) -> dict[str, Any]:
    """Rows by client, for plain calls and for streams."""
    from state.postgres.pool import close_pool, open_pool
    from tools.models.opened import close_door

    profile = cProfile.Profile() if options.profile else None
    report: dict[str, Any] = {}
    await open_pool()
    try:
        made = await clients(url, authorization)
        with bar() as progress:
            task = progress.add_task("Calls", total=2 * ROUNDS)
            for form in ("plain", "stream"):
                asks = {name: forms[form] for name, forms in made.items()}
                await measured(asks, WARM_UP, None)
                rounds = []
                for _ in range(ROUNDS):
                    rounds.append(await measured(asks, options.calls, profile))
                    progress.update(task, advance=1)
                report[form] = _least(rounds)
    finally:
        await close_door()
        await close_pool()
    if profile is not None:
        profile.dump_stats(options.profile)
    return report


def _least(rounds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    least = {
        name: {figure: min(one[name][figure] for one in rounds) for figure in rounds[0][name]}
        for name in rounds[0]
    }
    return {
        name: row | {f"added_{figure}": value - least[OF][figure] for figure, value in row.items()}
        for name, row in least.items()
    }


def door(options: argparse.Namespace) -> dict[str, Any]:
    """Start the stub and a database, measure, and stop them."""
    with tempfile.TemporaryDirectory(prefix="kairos-door-") as folder:
        home = Path(folder)
        with stub(home, between=0) as upstream:
            made = kairos(home, Upstreams(upstream.server.port), [0], ENOUGH_USD)[0]
            os.environ.update(made.environment)
            url = f"http://127.0.0.1:{upstream.server.port}/v1"
            report = uvloop.run(measure(url, made.headers["authorization"], options))
    return {"calls": options.calls, **report, "machine": machine()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=500, help="calls of each client, form and round")
    parser.add_argument("--profile", type=Path, help="where to write a profile, which slows the door down")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    report = door(options)
    finish(report, options.json, {"Plain": report["plain"], "Streams": report["stream"]})


if __name__ == "__main__":
    main()
