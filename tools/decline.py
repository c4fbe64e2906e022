"""What is said where the documents hold no answer."""

from collections.abc import Sequence

from state.guard import GuardVerdict, takes
from state.passages import PassageData
from tools.passages import NOT_FOUND

NEAREST = 3


def declined(passages: Sequence[PassageData], verdicts: Sequence[GuardVerdict] = ()) -> str:
    """That the documents do not say, or may not: the pages that came nearest, and how many passages were left out."""
    left_out = _left_out(verdicts)
    if left_out and not passages:
        return f"There is no answer from what may be read: {left_out}."
    pages = dict.fromkeys(f"{passage['title']} ({passage['document']})" for passage in passages[:NEAREST])
    said = f"{NOT_FOUND} The nearest pages: {'; '.join(pages)}." if pages else NOT_FOUND
    return f"{said} Besides, {left_out}." if left_out else said


def _left_out(verdicts: Sequence[GuardVerdict]) -> str:
    """How many passages a guard refused, in words; empty if none."""
    refused = {one["source"] for one in verdicts if one["direction"] == "passage" and takes(one, "refuse")}
    if len(refused) == 1:
        return "one passage that was found is left out, because a guard refused it"
    return (
        f"{len(refused)} passages that were found are left out, because a guard refused them"
        if refused
        else ""
    )
