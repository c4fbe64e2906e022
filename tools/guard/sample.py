"""Whether every policy in force can be applied."""

from typing import get_args

from state.errors import KairosError
from state.guard import Direction
from state.identity import Identity
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.policy.rules import Policy
from tools.guard.policy.watch import policies

NOBODY = Identity("doctor", "doctor")
SAMPLE = "How many days of paid leave do I have in a year?"


async def try_policies() -> tuple[Policy, ...]:
    """The policies, each tried on a sample in every direction. Raises KairosError guards_invalid or check_failed."""
    found = (await policies.ready()).all
    for policy in found:
        for direction in get_args(Direction):
            outcome = await apply(policy, direction, SAMPLE, About(NOBODY, question=SAMPLE, given=(SAMPLE,)))
            for verdict in outcome.verdicts:
                if verdict["code"] == "check_failed":
                    raise KairosError("check_failed", _sentence(policy, verdict["check"], verdict["rule"]))
    return found


def _sentence(policy: Policy, check: str, why: str) -> str:
    return (
        f"The check {check} of the policy {policy.name} could not decide ({why}), so it refuses every text."
    )
