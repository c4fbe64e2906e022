"""What we add to the LangGraph server: the page, the source behind a citation, reports, and an honest health check."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from app import mcp_endpoints
from app.approving import decide, pending
from app.dead_letters import dead_letters, resume
from app.gateway.application import ROUTES
from app.guard_reports import report, reportable, reports
from app.schedule import beside_the_server
from app.signing_in import begin, come_back, list_sign_ins, sign_out
from app.switching import release, release_tenant, stop, stop_tenant, stopped
from app.users import identity_of
from state.errors import KairosError
from state.postgres import documents
from state.postgres.pool import admin
from tools.guard.policy.watch import policies
from tools.models.catalog import catalog
from tools.models.opened import door

PAGE = Path(__file__).with_name("page")
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
DOCUMENT = ("id", "title", "path", "version", "newest", "pages", "page_starts", "media_type", "text")
APPROVALS = {
    "approval_unknown": 404,
    "approval_forbidden": 403,
    "approval_decided": 409,
    "approval_answered": 409,
    "approval_expired": 410,
}
STATUS = {
    "document_unknown": 404,
    "verdict_unknown": 404,
    "unauthenticated": 401,
    **APPROVALS,
    "operator_needed": 403,
    "switch_unknown": 404,
    "thread_unknown": 404,
    "run_under_way": 409,
    "run_ended": 409,
    "server_unknown": 404,
    "sign_in_unknown": 404,
    "sign_in_failed": 502,
    "sign_in_too_large": 502,
    "database_unavailable": 503,
}


@asynccontextmanager
async def beside(app: FastAPI) -> AsyncIterator[None]:
    """What the server runs beside its answers; the MCP servers answer within."""
    async with beside_the_server(app), mcp_endpoints.answering():
        yield


app = FastAPI(title="Kairos", lifespan=beside, docs_url=None, redoc_url=None, openapi_url=None)
app.router.routes.extend([*ROUTES, *mcp_endpoints.ROUTES])
# One by one: the server (langgraph-api 0.16) wraps every route, and cannot wrap an included router.
app.post("/guard/reports")(report)
app.get("/guard/reports")(reports)
app.get("/guard/reports/{trace_id}")(reportable)
app.get("/kairos/approvals")(pending)
app.post("/kairos/approvals/{approval}")(decide)
app.get("/kairos/switches")(stopped)
app.put("/kairos/switches/tenant")(stop_tenant)
app.delete("/kairos/switches/tenant")(release_tenant)
app.put("/kairos/switches/{kind}/{name}")(stop)
app.delete("/kairos/switches/{kind}/{name}")(release)
app.get("/kairos/tasks")(dead_letters)
app.post("/kairos/tasks/{thread}/resume", status_code=202)(resume)
app.get("/kairos/sign-ins")(list_sign_ins)
app.get("/kairos/sign-ins/callback")(come_back)
app.post("/kairos/sign-ins/{server}")(begin)
app.delete("/kairos/sign-ins/{server}")(sign_out)
app.mount("/page", StaticFiles(directory=PAGE), name="page")


@app.get("/")
async def page() -> FileResponse:
    """The web page."""
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return FileResponse(PAGE / "index.html", headers=headers)


@app.get("/kairos/documents/{document_id}")
async def document(document_id: int, request: Request, version: int | None = None) -> dict[str, Any]:
    """The text of a document that the asker may see, as it is or in a version that is kept.

    `page_starts` are the character offsets in `text` where its pages begin, `url` is where on the web it is.
    """
    row = await documents.read(identity_of(request.user), document_id, version)
    url = row["uri"] if row["uri"].startswith(("http://", "https://")) else None
    return {name: row[name] for name in DOCUMENT} | {"url": url}


@app.get("/kairos/health")
async def health() -> dict[str, str]:
    """Well only if the database answers; `catalog` and `guards` say why a changed file of theirs is not in force."""
    async with admin() as connection:
        await connection.execute("SELECT 1")
    await door()
    problems = {"catalog": catalog.now().problem, "guards": (await policies.ready()).problem}
    return {"status": "ok"} | {name: problem for name, problem in problems.items() if problem}


@app.exception_handler(KairosError)
async def explain(request: Request, error: Exception) -> JSONResponse:
    """A failure as its code and sentence."""
    assert isinstance(error, KairosError)  # noqa: S101 - registered for this class
    body = {"error": {"code": error.code, "sentence": error.sentence}}
    return JSONResponse(body, status_code=STATUS.get(error.code, 400))
