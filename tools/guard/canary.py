"""The word of our own prompts that must never come out of a model."""

import secrets
from functools import cache


@cache
def canary() -> str:
    """This process's: the same for every prompt, so that providers' caches of prompts still hold.

    It begins and ends with a digit: fewer words of an answer could be its beginning, and have to wait.
    """
    return f"{secrets.randbelow(10)}{secrets.token_hex(6)}{secrets.randbelow(10)}"
