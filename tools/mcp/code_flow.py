"""The authorization code flow of the library (RFC 6749, 4.1; 7636), cut in two where a person goes elsewhere."""

from __future__ import annotations

import secrets
from typing import Any, Literal, NoReturn

import httpx2
from pydantic import AnyUrl, BaseModel

from tools.mcp.declared import Server
from tools.mcp.held_tokens import Tokens
from tools.mcp.library import (
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthClientProvider,
    OAuthFlowError,
    OAuthMetadata,
    OAuthToken,
    PKCEParameters,
    ProtectedResourceMetadata,
    issuers_match,
    types,
)
from tools.mcp.reaching import credentials
from tools.mcp.signed_in import Kept

_BASIC = "client_secret_basic"


class BegunError(Exception):
    """The flow stops where a person goes elsewhere: nothing waits for them but what is stored."""

    def __init__(self, address: str, state: str, verifier: str) -> None:
        super().__init__("begun")
        self.address, self.state, self.verifier = address, state, verifier


class CodeFlow(OAuthClientProvider):
    """The library's authorization code flow in two halves, with what is declared. stored: what was found out before."""

    def __init__(self, name: str, server: Server, redirect_uri: str, stored: Kept | None = None) -> None:
        assert server.oauth is not None  # noqa: S101 - the caller looked
        self._issuer = str(server.oauth.issuer) if server.oauth.issuer else None
        self._scope, self._redirect_uri = server.oauth.scope, redirect_uri
        self._declared = _declared_client(name, server)
        kind: Literal["web", "native"] = "web" if redirect_uri.startswith("https:") else "native"
        asked = OAuthClientMetadata(
            client_name="Kairos", redirect_uris=[AnyUrl(redirect_uri)], application_type=kind
        )
        super().__init__(str(server.url), asked, Tokens(self._declared))
        self.context.protocol_version = types.LATEST_PROTOCOL_VERSION
        if stored is not None:
            self._restore(stored)

    @property
    def stored(self) -> dict[str, Any]:
        """What goes on needs, as plain data; a client that is declared is not among it."""
        context = self.context
        return {
            "redirect_uri": self._redirect_uri,
            "client": None if self._declared else _plain(context.client_info),
            "metadata": _plain(context.oauth_metadata),
            "resource": _plain(context.protected_resource_metadata),
            "tokens": _plain(context.current_tokens),
            "expires_at": context.token_expiry_time,
        }

    def _restore(self, stored: Kept) -> None:
        context, resource, tokens = self.context, stored["resource"], stored["tokens"]
        context.oauth_metadata = found = OAuthMetadata.model_validate(stored["metadata"])
        context.protected_resource_metadata = resource and ProtectedResourceMetadata.model_validate(resource)
        context.current_tokens = tokens and OAuthToken.model_validate(tokens)
        context.client_info = self._declared or OAuthClientInformationFull.model_validate(stored["client"])
        ways = found.token_endpoint_auth_methods_supported or [_BASIC]
        if self._declared and self._declared.client_secret and _BASIC not in ways:
            self._declared.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a method

    def _select_authorization_server(self, advertised: list[str]) -> str:
        ours = (one for one in advertised if self._issuer and issuers_match(one, self._issuer))
        return next(ours, advertised[0])

    async def _perform_authorization_code_grant(self) -> NoReturn:
        """Raises BegunError, or OAuthFlowError where it is not clear who would get the code, or without PKCE."""
        context = self.context
        found, client = context.oauth_metadata, context.client_info
        if found is None or client is None:
            raise OAuthFlowError("Nobody says where to sign in.")
        if self._issuer and not issuers_match(str(found.issuer), self._issuer):
            raise OAuthFlowError("It is not the issuer that is declared.")
        if "S256" not in (found.code_challenge_methods_supported or ()):
            raise OAuthFlowError("It does without PKCE.")
        proof, state = PKCEParameters.generate(), secrets.token_urlsafe(32)
        asked = self._asked(client.client_id, state, proof.code_challenge)
        address = httpx2.URL(str(found.authorization_endpoint)).copy_merge_params(asked)
        raise BegunError(str(address), state, proof.code_verifier)

    def _asked(self, client: str, state: str, challenge: str) -> dict[str, str]:
        """An authorization request (RFC 6749, 7636 and 8707)."""
        scope = self._scope or self.context.client_metadata.scope or ""
        asked = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": self._redirect_uri,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "resource": self.context.get_resource_url(),
            "scope": scope,
            "prompt": "consent" if "offline_access" in scope.split() else "",
        }
        return {key: value for key, value in asked.items() if value}


def _declared_client(name: str, server: Server) -> OAuthClientInformationFull | None:
    client_id, secret = credentials(name, server)
    if client_id is None:
        return None
    method = _BASIC if secret else "none"
    return OAuthClientInformationFull(
        client_id=client_id, client_secret=secret, token_endpoint_auth_method=method
    )


def _plain(one: BaseModel | None) -> dict[str, Any] | None:
    return None if one is None else one.model_dump(by_alias=True, mode="json", exclude_none=True)
