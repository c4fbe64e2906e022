"""kairos gateway: the drop-in endpoint alone."""

from typing import Annotated

import typer

from app.commands.up import check_address
from app.terminal import console, explained
from tools.guard.policy.watch import policies


def gateway(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 4000,
) -> None:
    """Serve the models of the catalog to any OpenAI client, with keys, budgets and limits.

    Example: kairos gateway --port 4000
    """
    import uvicorn

    from app.gateway.application import application

    with explained(False):
        check_address(host, port)
        policies()
    console.print(
        f"OpenAI clients: base_url=http://{host}:{port}/v1, api_key=a key from `kairos keys create`"
    )
    uvicorn.run(
        application(),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
    )
