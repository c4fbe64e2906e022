"""Our servers as processes of their own, over stdio."""

import asyncio
import json
import sys
from pathlib import Path
from uuid import uuid4

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from state.identity import Identity
from state.postgres.pool import Pool
from tests.fixtures.our_servers import (
    call,
    ingested,
)

ROOT = Path(__file__).resolve().parents[3]


def _stdio(home: Path, *more: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "app.cli", "mcp", "serve", *more],
        env={"KAIROS_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=str(home),
    )


async def test_a_process_serves_its_person_over_stdio(home: Path, pool: Pool, tmp_path: Path) -> None:
    tenant = f"stdio-{uuid4().hex[:8]}"
    local = Identity(tenant, "local", ("people",))
    await ingested(local, tmp_path / "pages")
    async with Client(stdio_client(_stdio(home, "knowledge", "--tenant", tenant))) as outsider:
        assert len((await call(outsider, "list_documents"))["documents"]) == 1
    within = _stdio(home, "knowledge", "--tenant", tenant, "--groups", "people")
    async with Client(stdio_client(within)) as insider:
        assert len((await call(insider, "list_documents"))["documents"]) == 2


async def test_a_process_over_stdio_ends_with_its_client(home: Path, pool: Pool) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "mcp", "serve", "platform"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    params = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "1"},
    }
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    process.stdin.write("".join(json.dumps(line) + "\n" for line in lines).encode())
    await process.stdin.drain()
    assert process.stdout is not None
    said = [json.loads(await asyncio.wait_for(process.stdout.readline(), 60)) for _ in range(2)]
    process.stdin.close()
    rest, errors = await asyncio.wait_for(process.communicate(), 30)
    assert {line["id"] for line in said} == {1, 2}
    assert process.returncode == 0, errors
    assert rest == b""
    assert b"Traceback" not in errors
