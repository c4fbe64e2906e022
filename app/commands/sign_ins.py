"""kairos tools sign-in and sign-out: a person lets tools of a server act as themselves, or no longer."""

import asyncio
import webbrowser
from typing import Annotated, Any

import typer

from app.local import local_profile
from app.loopback import listening
from app.terminal import Groups, Json, Tenant, console, notes, print_json, run, split, text
from state.identity import Identity

sign_ins = typer.Typer(help="Where you are signed in.", no_args_is_help=True)

PATIENCE_S = 300.0
Server = Annotated[str, typer.Argument(callback=text, help="Its name in the file of KAIROS_TOOLS.")]


@sign_ins.command("sign-in")
def sign_in(
    server: Server,
    browser: Annotated[bool, typer.Option(help="Open the address in a browser.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to come back to; 0: any.")] = 0,
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Sign in at a server, so that its tools act as you; the tokens are stored sealed, for you alone.

    Example: kairos tools sign-in wiki
    """
    done = run(_signed_in(local_profile(tenant, split(groups)), server, port, browser), as_json)
    if as_json:
        print_json(done)
    else:
        console.print(f"You are signed in at {done['server']}.", markup=False, highlight=False)


@sign_ins.command("sign-out")
def sign_out(server: Server, tenant: Tenant = "default", as_json: Json = False) -> None:
    """Forget your tokens of a server.

    Example: kairos tools sign-out wiki
    """
    from state.postgres import tool_sign_ins

    forgotten = run(tool_sign_ins.forget(local_profile(tenant, ()), server), as_json)
    if as_json:
        print_json({"server": server, "forgotten": forgotten})
    else:
        said = f"You are signed out of {server}." if forgotten else f"You were not signed in at {server}."
        console.print(said, markup=False, highlight=False)


async def _signed_in(identity: Identity, server: str, port: int, browser: bool) -> dict[str, Any]:
    from tools.mcp import faults, signing_in

    async with listening(port) as back:
        url = await signing_in.begin(identity, server, back.uri)
        notes.print(f"Sign in here: {url}", markup=False, highlight=False, soft_wrap=True)
        if browser:
            await asyncio.to_thread(webbrowser.open, url)
        try:
            async with asyncio.timeout(PATIENCE_S):
                given = await back.given
        except TimeoutError:
            raise faults.sign_in_failed(server, "nobody came back from there in time") from None
        name = await signing_in.come_back(identity, given)
    return {"server": name, "signed_in": True}
