"""Answers in OpenAI's form: errors with our codes, and what a call took as headers."""

import orjson
from starlette.responses import Response

from state.errors import KairosError
from tools.models.governed import Governed
from tools.models.reservation import RefusedError

STATUS = {
    "unauthenticated": 401,
    "key_unknown": 401,
    "key_expired": 401,
    "key_revoked": 401,
    "model_forbidden": 403,
    "model_unknown": 404,
    "request_invalid": 400,
    "request_too_large": 413,
    "model_context_exceeded": 400,
    "model_refused": 400,
    "rate_limited": 429,
    "budget_exceeded": 429,
    "limits_unavailable": 503,
    "model_unpriced": 503,
    "model_limited": 429,
    "database_unavailable": 503,
    "model_unavailable": 503,
    "model_rate_limited": 503,
    "model_timeout": 504,
    "catalog_invalid": 500,
    "guards_invalid": 500,
    "check_failed": 500,
}
"""Of what is not named here the upstream is to blame: 502."""
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}
# What OpenAI itself calls it, so that clients that look for the code find it.
_OPENAI_CODES = {
    "budget_exceeded": "insufficient_quota",
    "rate_limited": "rate_limit_exceeded",
    "model_context_exceeded": "context_length_exceeded",
    "model_unknown": "model_not_found",
    "key_unknown": "invalid_api_key",
}


def error_body(error: KairosError) -> bytes:
    """`code` is OpenAI's word where it has one, `kairos_code` always ours."""
    status = STATUS.get(error.code, 502)
    return orjson.dumps(
        {
            "error": {
                "message": error.sentence,
                "type": _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
                "param": None,
                "code": _OPENAI_CODES.get(error.code, error.code),
                "kairos_code": error.code,
            }
        }
    )


def refused(error: KairosError) -> Response:
    """A failure as a response; Retry-After where waiting helps, x-should-retry where asking again does not."""
    headers = {"x-kairos-code": error.code}
    if error.code in ("budget_exceeded", "limits_unavailable"):
        headers["x-should-retry"] = "false"  # the SDK of OpenAI would ask three times
    if isinstance(error, RefusedError) and error.retry_after is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after)))
    return Response(error_body(error), STATUS.get(error.code, 502), headers, "application/json")


def headers(governed: Governed) -> dict[str, str]:
    """What is known of a call when its answer begins."""
    made, reservation = governed.failover.attempts.made, governed.reservation
    found = {
        "x-kairos-call-id": str(governed.call.id),
        "x-kairos-deployment": made[-1][0] if made else "",
        "x-kairos-attempts": str(len(made)),
    }
    verdict = reservation.verdict
    if verdict is not None and verdict.remaining_nano_usd is not None:
        found["x-kairos-budget-remaining-usd"] = f"{verdict.remaining_nano_usd / 1e9:.9f}"
    if verdict is not None and verdict.warnings:
        found["x-kairos-warning"] = " ".join(verdict.warnings).encode("latin-1", "replace").decode("latin-1")
    return found


def ending(governed: Governed) -> dict[str, str]:
    """What is known at the end of a whole answer: its cost if the price is known, and what the guards did to it."""
    nano, guards = governed.reservation.nano_usd, governed.guards
    found = {} if nano is None else {"x-kairos-cost-usd": f"{nano / 1e9:.9f}"}
    verdicts = [one for one in guards.verdicts if not one["dry_run"]] if guards else []
    acted = sorted({f"{one['action']}:{one['code']}" for one in verdicts if one["action"] != "allow"})
    return found | ({"x-kairos-guard": " ".join(acted)} if acted else {})
