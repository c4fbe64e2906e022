"""What is used of the library of the protocol: the only file that imports it, so that another can take its place."""

import logging

import mcp_types as types
from mcp import Client
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, PKCEParameters, TokenStorage
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.auth.utils import issuers_match, validate_authorization_response_iss
from mcp.client.session import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage

__all__ = [
    "Client",
    "ClientCredentialsOAuthProvider",
    "ClientRequestContext",
    "MCPError",
    "OAuthClientInformationFull",
    "OAuthClientMetadata",
    "OAuthClientProvider",
    "OAuthFlowError",
    "OAuthMetadata",
    "OAuthToken",
    "PKCEParameters",
    "ProtectedResourceMetadata",
    "SessionMessage",
    "TokenStorage",
    "issuers_match",
    "silence",
    "streamable_http_client",
    "types",
    "validate_authorization_response_iss",
]


def silence() -> None:
    """Its loggers tell what servers said."""
    for logger in ("mcp.client", "mcp.shared", "client"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
