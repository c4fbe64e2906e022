"""Kairos as servers of the Model Context Protocol: what it knows, and what it does."""
