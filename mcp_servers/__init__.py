"""Servers of ours that speak the Model Context Protocol (MCP)."""
