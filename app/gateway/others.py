"""POST /v1/embeddings, POST /v1/rerank and GET /v1/models."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.gateway import assistant
from app.gateway.callers import caller_of
from app.gateway.replies import ending, headers, refused
from app.gateway.requests import read
from state.errors import KairosError
from tools.models.availability import reasons
from tools.models.call import Call, Path
from tools.models.catalog import catalog
from tools.models.governed import Governed
from tools.models.opened import door


async def embeddings(request: Request) -> Response:
    """Vectors by a model of the catalog that has the capability `embeddings`."""
    return await _forwarded(request, "/embeddings", "input")


async def rerank(request: Request) -> Response:
    """Documents ranked by a model of the catalog that has the capability `rerank`."""
    return await _forwarded(request, "/rerank", "documents")


async def models(request: Request) -> Response:
    """The models that the caller may ask for now, under every name that they have."""
    try:
        caller = await caller_of(request)
        await door()
        entries = catalog().values()
    except KairosError as error:
        return refused(error)
    missing, allowed = reasons(entries), caller.identity.models
    names = {assistant.NAME: "kairos"}
    for entry in entries:
        if entry.name not in missing and entry.provider != "extractive":
            names |= dict.fromkeys((entry.name, *entry.serves), entry.provider)
    listed = [
        {"id": name, "object": "model", "created": 0, "owned_by": owner}
        for name, owner in names.items()
        if not allowed or name in allowed
    ]
    return JSONResponse({"object": "list", "data": listed})


async def _forwarded(request: Request, path: Path, required: str) -> Response:
    try:
        caller = await caller_of(request)
        raw, body = await read(request)
        if not body.get(required):
            raise KairosError("request_invalid", f"The key {required!r} is missing.")
        governed = Governed(await door(), Call(caller, body, asked=body["model"], path=path, raw=raw))
        answer = await governed.whole()
    except KairosError as error:
        return refused(error)
    return Response(answer, 200, headers(governed) | ending(governed), "application/json")
