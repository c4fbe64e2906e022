"""How Kairos' endpoint is prepared and started for bench.gateway and bench.budget: all that these know of it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.programs import ROOT
from bench.served import Server, Upstreams

KAIROS = [sys.executable, "-m", "app.cli"]
MODELS = "bench-model", "bench-dear"
PRICES = (1, 2), (10, 20)
"""USD per million tokens, input and output."""


def kairos(
    home: Path, upstreams: Upstreams, ports: Sequence[int], usd: float, **fields: object
) -> list[Server]:
    """A process a port over one database, with one key of a budget of `usd`; `fields` of every catalog entry."""
    catalog = home / "models.json"
    models = [model | fields for model in _models(upstreams)]
    catalog.write_text(json.dumps({"models": models}))  # JSON is YAML
    # The benches' own database would be shared with whatever else runs on it.
    environment = {"KAIROS_HOME": str(home), "KAIROS_MODELS": str(catalog), "KAIROS_DATABASE_URL": ""}
    key = _run(environment, "keys", "create", "bench", "--json")["key"]
    _run(environment, "budgets", "set", "key", "bench", "--usd", f"{usd:.9f}", "--per", "total", "--json")
    return [
        Server(
            command=[*KAIROS, "gateway", "--port", str(port)],
            port=port,
            home=home,
            headers={"authorization": f"Bearer {key}"},
            environment=environment,
        )
        for port in ports
    ]


def _models(upstreams: Upstreams) -> list[dict[str, Any]]:
    ports = [port for port in (upstreams.cheap, upstreams.dear) if port]
    return [
        {
            "name": name,
            "provider": "openai",
            "model": name,
            "serves": [MODELS[0]],
            "base_url": f"http://127.0.0.1:{port}/v1",
            "input_price": read,
            "output_price": written,
        }
        for name, (read, written), port in zip(MODELS, PRICES, ports, strict=False)
    ]


def _run(environment: dict[str, str], *arguments: str) -> Any:
    """The JSON a command prints last."""
    said = subprocess.run(
        [*KAIROS, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    return json.loads(said.splitlines()[-1])


def left(home: Path, servers: Sequence[Server]) -> dict[str, Any]:
    """What the ledger holds after a run, and reservations that are not settled."""
    spent = _run(dict(servers[0].environment), "budgets", "list", "--json")["budgets"][0]
    return {"recorded_usd": spent["spent"] / 1e9, "unsettled_usd": spent["reserved"] / 1e9}
