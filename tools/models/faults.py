"""What can go wrong with one attempt at a deployment, and what follows from it."""

import re
from collections.abc import Mapping
from typing import Literal

from state.errors import KairosError

Kind = Literal[
    "unauthorised",
    "not_found",
    "rate_limited",
    "context_exceeded",
    "refused",
    "timeout",
    "unreachable",
    "failed",
    "bad_answer",
    "cut",
    "unpriced",
    "limited",
]

_SAYS: dict[str, str] = {
    "unauthorised": "refused the key",
    "not_found": "is not known at its address",
    "rate_limited": "takes no more calls now",
    "context_exceeded": "cannot read that much text at once",
    "refused": "refused the request as invalid",
    "timeout": "did not answer in time",
    "unreachable": "cannot be reached, or hung up",
    "failed": "has failed at its provider",
    "bad_answer": "gave an answer that cannot be read",
    "cut": "stopped before its answer was complete",
    "limited": "has reached the limit that is set for it",
    "unpriced": "has no price in the catalog, so that the budget cannot be kept (give it prices, 0 if it is free)",
}
_CODES = {"not_found": "model_not_found", "cut": "model_bad_answer"}
_TOO_LONG = re.compile(r"context_length|context length|maximum context|too many tokens|too long", re.I)
_KEY = re.compile(r"\b(sk|pk|key|Bearer)[-_ ][\w.*-]{6,}", re.I)
LONGEST_DETAIL = 500


class UpstreamError(Exception):
    """An attempt failed. `retry_after` in seconds as the provider asked; `detail` is its own words without keys."""

    def __init__(
        self, kind: Kind, *, status: int | None = None, retry_after: float | None = None, detail: str = ""
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        self.detail = _KEY.sub("[key]", detail)[:LONGEST_DETAIL]

    @property
    def is_callers(self) -> bool:
        """The request itself is at fault: no other deployment is tried."""
        return self.kind == "refused"

    @property
    def is_transient(self) -> bool:
        """Whether the same request may do better in a moment."""
        return self.kind in ("rate_limited", "timeout", "unreachable", "failed", "cut")

    @property
    def counts(self) -> bool:
        """Whether it speaks against the health of the deployment."""
        return self.kind not in ("refused", "context_exceeded", "unpriced", "limited")

    def explained(self, name: str) -> KairosError:
        """The failure of the deployment `name` as a code and a sentence."""
        suffix = f" (HTTP {self.status})" if self.status else ""
        detail = f": {self.detail}" if self.is_callers and self.detail else ""
        code = _CODES.get(self.kind, f"model_{self.kind}")
        return KairosError(code, f"The model {name!r} {_SAYS[self.kind]}{suffix}{detail}.".replace("..", "."))


def of_status(status: int, headers: Mapping[str, str], detail: str) -> UpstreamError:
    """The failure that an HTTP status stands for (RFC 9110)."""
    kind: Kind = "failed"
    if status in (401, 403):
        kind = "unauthorised"
    elif status == 404:
        kind = "not_found"
    elif status == 429:
        kind = "rate_limited"
    elif status == 408:
        kind = "timeout"
    elif 400 <= status < 500:
        kind = "context_exceeded" if _TOO_LONG.search(detail) else "refused"
    elif status < 400:
        kind = "bad_answer"
    return UpstreamError(kind, status=status, retry_after=_retry_after(headers), detail=detail)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from retry-after-ms (OpenAI's own) or Retry-After; the form with a date is rare and not read."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            value = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if 0 <= value < 86_400:
            return value
    return None


def of_code(code: str) -> UpstreamError:
    """The failure that a KairosError `model_…` of `tools.models.errors` stands for."""
    kinds = {known: kind for kind, known in _CODES.items()} | {f"model_{kind}": kind for kind in _SAYS}
    return UpstreamError(kinds.get(code, "failed"))  # type: ignore[arg-type]
