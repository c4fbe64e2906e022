"""Typed adapters to what a step reaches for; they know nothing of graphs."""
