"""Attacks on the assistant and harmful requests: a small classifier. Model card: tools/weights/README.md."""
