"""Attacks on the assistant, and harmful requests: a small classifier on this machine. Model card: tools/weights/README.md."""
