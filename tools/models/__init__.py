"""The one door to chat models."""
