"""What a tool gave, as it may be seen: checked by the policy, marked as whose it is, and kept as a source."""

from dataclasses import dataclass, field
from typing import Literal

from state.agent import PlannedCall
from state.guard import GuardVerdict
from state.identity import Identity
from state.provenance import Origin, SourcedText
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.policy.choosing import policy_for
from tools.provenance.spotlight import FAILED, new_mark, spotlight
from tools.tool import Result, Tool

LONGEST = 20_000
"""Characters of a result that the model is shown."""


@dataclass(frozen=True, slots=True)
class Observed:
    """text: what may be kept; shown: the same as the model sees it; sources: what later arguments may come from."""

    text: str
    shown: str
    message_status: Literal["success", "error"]
    sources: tuple[SourcedText, ...] = ()
    verdicts: tuple[GuardVerdict, ...] = field(default=())


async def observed(
    identity: Identity, question: str, call: PlannedCall, tool: Tool | None, result: Result | None
) -> Observed:
    """A result after the guard; a call that was not made says why."""
    if result is None or tool is None:
        return Observed(call["why"], f"Not done. {call['why']}", "error")
    text = _cut(result)
    policy = await policy_for(identity.tenant)
    outcome = await apply(policy, "tool", text, About(identity, question=question), call["tool"])
    if refusal := outcome.refusal:
        sentence = f"The result was withheld: {refusal['sentence']}"
        # Nothing of it is shown, but whoever the model names from here on, the asker must have named.
        source = SourcedText(text=sentence, origin=Origin(kind="tool", name=tool.name, trusted=False))
        return Observed(sentence, sentence, "error", (source,), outcome.verdicts)
    origin = Origin(kind="tool", name=tool.name, trusted=tool.trusted)
    kept = outcome.redacted
    marked = spotlight(kept, origin, new_mark())
    return Observed(
        kept,
        f"{FAILED}{marked}" if result.is_error else marked,
        "error" if result.is_error else "success",
        (SourcedText(text=kept, origin=origin),),
        outcome.verdicts,
    )


def _cut(result: Result) -> str:
    if len(result.text) <= LONGEST:
        return result.text
    return f"{result.text[:LONGEST]}\n[cut off: {len(result.text):,} characters in all]"
