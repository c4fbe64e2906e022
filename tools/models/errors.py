"""What goes wrong with a model, as one plain sentence that holds neither a key nor a provider's own words."""

from collections.abc import Iterator
from contextlib import contextmanager

from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)
from langchain_core.messages import BaseMessage

from state.errors import KairosError
from tools.models import sdk_errors

# First match counts. LangChain's provider packages raise these, whatever the provider.
_KINDS: tuple[tuple[type[Exception], str, str], ...] = (
    (ModelAuthenticationError, "model_unauthorised", "refused the key"),
    (ModelPermissionDeniedError, "model_unauthorised", "does not allow this key to use it"),
    (ModelNotFoundError, "model_not_found", "is not known at its address"),
    (ModelRateLimitError, "model_rate_limited", "takes no more calls now"),
    (ContextOverflowError, "model_context_exceeded", "cannot read that much text at once"),
    (ModelInvalidRequestError, "model_refused", "refused the request as invalid"),
    (ModelTimeoutError, "model_timeout", "did not answer in time"),
    (TimeoutError, "model_timeout", "stopped in the middle of its answer"),
    (ModelConnectionError, "model_unreachable", "cannot be reached, or hung up"),
    (ModelAPIError, "model_failed", "has failed at its provider"),
)
# What reading a malformed answer raises in langchain-openai and openai: JSON, Pydantic and missing fields.
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError)


@contextmanager
def model_errors(name: str) -> Iterator[None]:
    """Around a call of the model `name`: what the provider raises becomes a KairosError `model_…`."""
    try:
        yield
    except Exception as error:
        if (known := _translate(name, error)) is None:
            raise
        # A provider's own message may hold the key: only what the reading of an answer raised is chained.
        raise known from error if known.code == "model_bad_answer" else None


def answer_text(name: str, message: BaseMessage) -> str:
    """The text of a whole answer; KairosError `model_bad_answer` if it is empty or was cut short."""
    about = message.response_metadata
    if about.get("model_provider") == "kairos" and not about.get("finish_reason"):
        raise KairosError("model_bad_answer", f"The model {name!r} stopped before its answer was complete.")
    text = str(message.text).strip()
    if not text:
        raise KairosError("model_bad_answer", f"The model {name!r} gave an empty answer.")
    return text


def _translate(name: str, error: Exception) -> KairosError | None:
    number = sdk_errors.status(error)
    suffix = f" (HTTP {number})" if number is not None else ""
    for kind, code, says in _KINDS:
        if isinstance(error, kind):
            return KairosError(code, f"The model {name!r} {says}{suffix}.")
    if (found := sdk_errors.kind(error)) is not None:
        return KairosError(found[0], f"The model {name!r} {found[1]}{suffix}.")
    if isinstance(error, _MALFORMED):
        return KairosError("model_bad_answer", f"The model {name!r} gave an answer that cannot be read.")
    return None
