"""What a caller may choose for one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """Knobs of a run.

    model: a name of the catalog. passages and tokens: the most that is read for the answer (tokens as estimated by
    tools/assemble/tokens.py, about half a word each). documents: search these ids only.
    """

    model: str | None = None
    passages: int = 12
    tokens: int = 3000
    documents: list[int] | None = None
