"""What a caller may choose for one run."""

from dataclasses import dataclass
from typing import Literal

from state.filters import Filters


@dataclass(frozen=True, slots=True)
class Context:
    """Knobs of a run.

    model: a name of the catalog. passages and tokens: the most that is read for the answer (tokens as estimated by
    tools/assemble/tokens.py, about half a word each). documents: search these ids only.
    depth: "careful" asks a model for further queries at once, not only where the first hits are weak.
    """

    model: str | None = None
    passages: int = 12
    tokens: int = 3000
    documents: list[int] | None = None
    depth: Literal["auto", "careful"] = "auto"

    def filters(self) -> Filters:
        """What its searches are limited to."""
        return Filters(documents=self.documents)
