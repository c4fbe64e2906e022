"""Applying a policy to a text: every rule in its order, each within its time; what cannot decide refuses."""

import asyncio
import time
from bisect import bisect_right
from itertools import accumulate

from state.errors import KairosError
from state.guard import Direction, GuardVerdict, takes
from tools.guard.check import About, Hit
from tools.guard.checks import checks
from tools.guard.outcome import Outcome
from tools.guard.policy.rules import Policy, Rule

NOT_CHECKED = "This text could not be checked, so it was not taken."
SECONDS = 20.0
"""What a check may take; a text on which it takes longer is refused."""


async def apply(policy: Policy, direction: Direction, text: str, about: About, source: str = "") -> Outcome:
    """The policy's verdicts on a text; the first that refuses ends it. Never raises but CancelledError."""
    verdicts: list[GuardVerdict] = []
    allowed = _Allowed(())
    for given in policy.on(direction):
        rule = given
        started = time.perf_counter()
        try:
            found = await _found(rule, text, about)
            hits = found if rule.action == "allow" else [hit for hit in found if hit not in allowed]
        except _UndecidedError as undecided:
            rule, hits = _refusing(rule), [Hit(str(undecided), 0, len(text))]
        ms = (time.perf_counter() - started) * 1000
        if rule.action == "allow" and not (rule.dry_run or policy.dry_run):
            allowed = _Allowed((*allowed.hits, *hits))
        verdicts += (_verdict(policy, rule, hit, direction, source, ms) for hit in hits)
        if any(takes(one, "refuse") for one in verdicts):
            break
    return Outcome(text, tuple(verdicts))


class _UndecidedError(Exception):
    """A check failed or took too long; its words may quote the text, so only the code is kept."""


async def _found(rule: Rule, text: str, about: About) -> list[Hit]:
    try:
        async with asyncio.timeout(SECONDS):
            return await checks()[rule.check].find(text, rule.options, about)
    except TimeoutError:
        raise _UndecidedError("check_timed_out") from None
    except KairosError as error:
        raise _UndecidedError(error.code) from error
    except Exception as error:
        raise _UndecidedError("guard_failed") from error


def _refusing(rule: Rule) -> Rule:
    """The rule of a check that could not decide."""
    update = {"action": "refuse", "code": "check_failed", "sentence": NOT_CHECKED}
    return rule.model_copy(update=update)


class _Allowed:
    """What rules that allow have found; a hit is in it that lies within one of theirs."""

    def __init__(self, hits: tuple[Hit, ...]) -> None:
        self.hits = tuple(sorted(hits, key=lambda hit: hit.start))
        self._starts = [hit.start for hit in self.hits]
        self._ends = list(accumulate((hit.end for hit in self.hits), max))

    def __contains__(self, hit: Hit) -> bool:
        # A long text may have a hundred thousand of either kind.
        before = bisect_right(self._starts, hit.start)
        return before > 0 and self._ends[before - 1] >= hit.end


def _verdict(
    policy: Policy, rule: Rule, hit: Hit, direction: Direction, source: str, ms: float
) -> GuardVerdict:
    return GuardVerdict(
        direction=direction,
        source=source,
        check=rule.check,
        rule=hit.rule,
        start=hit.start,
        end=hit.end,
        score=round(hit.score, 4),
        action=rule.action,
        code=rule.code,
        sentence=rule.sentence,
        ms=round(ms, 3),
        policy=f"{policy.name}:{policy.hash}",
        dry_run=rule.dry_run or policy.dry_run,
    )
