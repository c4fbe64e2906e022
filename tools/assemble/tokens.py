"""How much of a model's context a text takes."""

BYTES_PER_TOKEN = 3
"""UTF-8. English prose has 4 to 5 to a token, tables and numbers about 3, Chinese 3 to 4 (one character)."""


def estimate_tokens(text: str) -> int:
    """An upper estimate: a model behind an OpenAI endpoint does not tell its tokenizer, and theirs are downloads."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)
