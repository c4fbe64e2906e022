"""Which models a server of the OpenAI protocol has."""

from pydantic import BaseModel, SecretStr, ValidationError

from state.errors import KairosError

_SECONDS = 10.0


class _Model(BaseModel):
    id: str


class _Listed(BaseModel):
    data: list[_Model]


async def discover(url: str, key: SecretStr | None = None) -> list[str]:
    """The names under `url`/models, in the server's order; `url` usually ends in /v1.

    Raises KairosError `discovery_failed`.
    """
    import httpx

    headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.get(f"{url.rstrip('/')}/models", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise KairosError("discovery_failed", f"{url} cannot be reached ({type(error).__name__}).") from None
    if answer.status_code != 200:
        sentence = f"{url}/models answered with HTTP {answer.status_code}; does the address end in /v1?"
        raise KairosError("discovery_failed", sentence)
    try:
        return [model.id for model in _Listed.model_validate_json(answer.content).data]
    except ValidationError:
        raise KairosError("discovery_failed", f"{url}/models did not answer with a list of models.") from None
