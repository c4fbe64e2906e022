"""Tokens that the library holds while it needs them; what stays is kept elsewhere."""

from tools.mcp.library import OAuthClientInformationFull, OAuthToken, TokenStorage


class Tokens(TokenStorage):
    """Of one session or one step; what stays is kept elsewhere. client: ours, as it is declared."""

    def __init__(self, client: OAuthClientInformationFull | None = None) -> None:
        self._client = client
        self._tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """One that is declared never changes, and one that is registered is kept with its tokens."""
