"""`python -m mcp_servers.workplace --db FILE [--http PORT]`: over stdio, or streamable HTTP on the loopback interface.

Over stdio WORKPLACE_PERSON names who acts. Over HTTP the header X-Workplace-Person does, for whoever bears the token in
WORKPLACE_TOKEN: the platform, which knows its users. `--person` settles it for all.
"""

import argparse
import hmac
import os
from datetime import date
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_servers.workplace.database import Database
from mcp_servers.workplace.server import Workplace

TOKEN = "WORKPLACE_TOKEN"  # noqa: S105 - a variable's name


def bearing(app: ASGIApp, token: str) -> ASGIApp:
    """The app for those who bear the token (RFC 6750)."""
    from starlette.responses import Response

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] == "http" and not hmac.compare_digest(given, f"Bearer {token}".encode()):
            await Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        await app(scope, receive, send)

    return guarded


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mcp_servers.workplace")
    parser.add_argument("--db", type=Path, required=True, help="the SQLite file; made if it is not there")
    parser.add_argument("--http", type=int, metavar="PORT", help="serve streamable HTTP on /mcp")
    parser.add_argument("--person", help="id of the person who acts, whatever connections say")
    parser.add_argument("--today", type=date.fromisoformat, help="the day that is taken for today")
    options = parser.parse_args()
    database = Database(options.db, options.today)
    database.prepare()
    server = Workplace(database, options.person).server()
    if options.http is None:
        server.run("stdio")
        return
    token = os.environ.get(TOKEN)
    if not token:
        parser.error(f"over HTTP the variable {TOKEN} must hold the token that callers bear")
    import uvicorn

    app = bearing(server.streamable_http_app(), token)
    uvicorn.run(app, host="127.0.0.1", port=options.http, log_level="warning")


if __name__ == "__main__":
    main()
