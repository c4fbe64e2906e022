"""Errors that a person may read."""


class KairosError(RuntimeError):
    """A failure with a stable code for machines and one sentence for people.

    A RuntimeError, because the LangGraph server hides what other exceptions say from its clients.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
