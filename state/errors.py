"""Errors that a person may read."""


class KairosError(Exception):
    """A failure with a stable code for machines and one sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
