"""Recall and speed of the vector index against an exact scan: search width, filters, binary quantisation.

    python -m bench.recall [--chunks 100000] [--plot docs/recall.svg]

A filter lets a random share of the chunks pass. As in the product, of 100 found the ten nearest count. The bit index
holds the signs of the vectors; what it finds is scored anew with the halfvec vectors. Milliseconds are those of the
statement alone, at the median.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, LiteralString

from bench.corpus import Query, asked, fill
from bench.shown import finish, machine
from evals.database import own_database
from state.postgres.chunks import vector_literal
from state.postgres.pool import Connection, admin

K = 10
WIDTHS = (100, 200, 400)
SHARES = (50.0, 5.0, 0.5)
"""Per cent of the chunks that a filter lets pass."""

_HALF: LiteralString = """
    SELECT id FROM (SELECT id, embedding FROM chunks {where} ORDER BY embedding <#> %(v)s::halfvec LIMIT 100) c
    ORDER BY embedding <#> %(v)s::halfvec LIMIT 10
"""
_EXACT: LiteralString = "SELECT id FROM chunks {where} ORDER BY (embedding <#> %(v)s::halfvec) + 0 LIMIT 10"
_BITS: LiteralString = """
    SELECT id FROM (SELECT id, embedding FROM chunks {where}
        ORDER BY binary_quantize(embedding)::bit(384) <~> binary_quantize(%(v)s::halfvec)::bit(384)
        LIMIT greatest(100, %(wide)s)) c
    ORDER BY embedding <#> %(v)s::halfvec LIMIT 10
"""
_PASSING: LiteralString = "WHERE hashint8(id) & 1023 < %(pass)s"
INDEXES: tuple[tuple[str, LiteralString, str], ...] = (
    ("halfvec", _HALF, "relaxed_order"),
    ("halfvec strict", _HALF, "strict_order"),
    ("bits", _BITS, "relaxed_order"),
)

Found = list[list[int]]


async def measure(count: int, queries: int) -> dict[str, Any]:
    """Recall@10 and milliseconds by index, width and share."""
    async with own_database():
        await fill(count)
        vectors = await asked(queries)
        async with admin() as connection:
            seconds, size = await _build_bits(connection)
            rows = await _curves(connection, vectors)
            half = await _size(connection, "chunks_embedding")
    return {
        "chunks": count,
        "queries": len(vectors),
        "points": rows,
        "bit_index_seconds": seconds,
        "bit_index_bytes_per_chunk": size / count,
        "halfvec_index_bytes_per_chunk": half / count,
        "machine": machine(),
    }


async def _build_bits(connection: Connection) -> tuple[float, int]:
    started = time.perf_counter()
    await connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
    await connection.execute(
        "CREATE INDEX chunks_bits ON chunks USING hnsw ((binary_quantize(embedding)::bit(384)) bit_hamming_ops)"
    )
    await connection.execute("ANALYZE chunks")
    return time.perf_counter() - started, await _size(connection, "chunks_bits")


async def _size(connection: Connection, index: str) -> int:
    row = await (await connection.execute("SELECT pg_relation_size(%s::regclass) AS n", (index,))).fetchone()
    return int(row["n"]) if row else 0


async def _curves(connection: Connection, queries: Sequence[Query]) -> dict[str, dict[str, float]]:
    await connection.execute(
        "SELECT set_config('jit', 'off', true), set_config('hnsw.max_scan_tuples', '40000', true)"
    )
    table: dict[str, dict[str, float]] = {}
    for share in (100.0, *SHARES):
        exact, scan_ms = await _all(connection, _EXACT, queries, share, WIDTHS[0])
        table[f"scan, {share:g} %"] = {"recall": 1.0, "p50_ms": scan_ms}
        for width in WIDTHS:
            for name, statement, order in INDEXES:
                await connection.execute("SELECT set_config('hnsw.iterative_scan', %s, true)", (order,))
                found, ms = await _all(connection, statement, queries, share, width)
                table[f"{name}, {share:g} %, ef {width}"] = {"recall": _recall(found, exact), "p50_ms": ms}
    return table


async def _all(
    connection: Connection, statement: LiteralString, queries: Sequence[Query], share: float, width: int
) -> tuple[Found, float]:
    await connection.execute("SELECT set_config('hnsw.ef_search', %s, true)", (str(width),))
    text = statement.replace("{where}", _PASSING if share < 100 else "")
    found, times = [], []
    for _, vector in queries:
        values = {"v": vector_literal(vector), "wide": width, "pass": round(1024 * share / 100)}
        started = time.perf_counter()
        rows = await (await connection.execute(text, values)).fetchall()
        times.append((time.perf_counter() - started) * 1000)
        found.append([row["id"] for row in rows])
    return found, statistics.median(times)


def _recall(found: Found, exact: Found) -> float:
    return sum(len(set(a) & set(b)) for a, b in zip(found, exact, strict=True)) / sum(map(len, exact))


def plot(points: dict[str, dict[str, float]]) -> str:
    """An SVG: recall up, milliseconds right, a line for each index and share."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for name, point in points.items():
        if ", ef" in name:
            lines.setdefault(name.rsplit(",", 1)[0], []).append((point["p50_ms"], point["recall"]))
    widest = max(x for line in lines.values() for x, _ in line)
    drawn = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 380" font-family="sans-serif" font-size="12">'
    ]
    for tick in range(6):
        y = 340 - tick * 64
        drawn.append(
            f'<path d="M50 {y}H540" stroke="#ddd"/><text x="18" y="{y + 4}">{0.5 + tick / 10:.1f}</text>'
        )
        drawn.append(f'<text x="{50 + tick * 98}" y="358">{widest * tick / 5:.0f}</text>')
    drawn.append('<text x="240" y="375">milliseconds, median</text><text x="10" y="12">recall@10</text>')
    for place, (name, line) in enumerate(lines.items()):
        colour = f"hsl({place * 45} 70% 40%)"
        path = " ".join(f"{50 + 490 * x / widest:.1f},{340 - 640 * max(0, y - 0.5):.1f}" for x, y in line)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn.append(f'<text x="560" y="{30 + 18 * place}" fill="{colour}">{name}</text>')
    return "\n".join([*drawn, "</svg>", ""])


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    report = asyncio.run(measure(chosen.chunks, chosen.queries))
    if chosen.plot:
        chosen.plot.write_text(plot(report["points"]), encoding="utf-8")
    finish(report, chosen.json, {f"{chosen.chunks} chunks": report["points"]})


if __name__ == "__main__":
    main()
