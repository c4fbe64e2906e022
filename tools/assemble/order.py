"""The order in which a model reads passages."""

from collections.abc import Sequence
from typing import Literal

from state.passages import PassageData

Order = Literal["best_first", "best_at_ends"]


def order(passages: Sequence[PassageData], how: Order) -> list[PassageData]:
    """Passages given best first; `best_at_ends` puts the worst into the middle, which long prompts lose.

    Liu et al. 2023, "Lost in the Middle": what stands first or last in a prompt is used most.
    """
    if how == "best_first":
        return list(passages)
    return [*passages[0::2], *passages[1::2][::-1]]
