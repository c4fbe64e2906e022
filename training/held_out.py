"""Which documents are never trained on: the same from run to run, by their names alone."""

import hashlib

SHARE = 0.15


def is_held_out(document: str) -> bool:
    """Whether a document ("SET:ID") is kept for measuring."""
    digest = hashlib.sha256(document.encode()).digest()
    return int.from_bytes(digest[:4], "big") < SHARE * 2**32
