"""What providers' packages raise that LangChain has not made its own: told by HTTP status and by name."""

from typing import Any

_SDKS = frozenset({"openai", "anthropic", "botocore", "cohere", "google", "langchain_google_genai"})
_TRANSPORTS = frozenset({"httpx", "aiohttp"})
_STATUSES = {
    401: ("model_unauthorised", "refused the key"),
    403: ("model_unauthorised", "does not allow this key to use it"),
    404: ("model_not_found", "is not known at its address"),
    408: ("model_timeout", "did not answer in time"),
    429: ("model_rate_limited", "takes no more calls now"),
}
_INVALID = ("model_refused", "refused the request as invalid")
_LATE = ("model_timeout", "did not answer in time")
_AWAY = ("model_unreachable", "cannot be reached, or hung up")
_FAILED = ("model_failed", "has failed at its provider")


def status(error: Exception) -> int | None:
    """The HTTP status that an error carries, wherever its package keeps it."""
    response: Any = getattr(error, "response", None)
    about = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    for found in (
        getattr(error, "status_code", None),
        getattr(error, "code", None),
        about.get("HTTPStatusCode"),
    ):
        if isinstance(found, int) and 400 <= found < 600:
            return found
    return status(error.__cause__) if isinstance(error.__cause__, Exception) else None


def kind(error: Exception) -> tuple[str, str] | None:
    """The code and what the model does, for people; None if the error is not of a provider's package."""
    package = type(error).__module__.partition(".")[0]
    number = status(error)
    if number is not None and 400 <= number < 500:
        return _STATUSES.get(number, _INVALID)
    if package not in _SDKS | _TRANSPORTS:
        return None
    name = type(error).__name__
    if "Credentials" in name:
        return "model_unauthorised", "has no credentials"
    if "Timeout" in name:
        return _LATE
    return _AWAY if package in _TRANSPORTS or "Connect" in name else _FAILED
