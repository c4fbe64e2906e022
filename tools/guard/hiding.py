"""What in a text must not reach a model, by the policy's rules that redact."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from state.errors import KairosError
from state.guard import Direction
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.outcome import WITHHELD
from tools.guard.pii.found import Found, Type
from tools.guard.pii.redact import Redaction
from tools.guard.policy.rules import Policy, Rule

REMEMBERED = 4_096
"""Texts whose spans are known: passages and earlier turns come again and again."""

Key = tuple[str, str, Direction, bool, str, bytes]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) are hidden. kind: a type of personal data, else it is gone for good."""

    start: int
    end: int
    rule: str
    kind: Type | None = None
    restores: bool = False


_known: OrderedDict[Key, tuple[Span, ...]] = OrderedDict()


def hides(policy: Policy, direction: Direction, is_local: bool) -> tuple[Rule, ...]:
    """The rules that redact such texts; a model of one's own may see personal data if the asker may."""
    return tuple(
        rule
        for rule in policy.on(direction)
        if rule.action == "redact"
        and not (rule.dry_run or policy.dry_run)
        and not (is_local and is_personal(rule) and rule.restore)
    )


def is_personal(rule: Rule) -> bool:
    """Whether what it finds is hidden behind placeholders."""
    return rule.check == "personal_data"


async def hidden(
    policy: Policy, direction: Direction, text: str, about: About, is_local: bool
) -> tuple[Span, ...]:
    """What is hidden of a text, in order, without overlaps. Raises KairosError check_failed."""
    rules = hides(policy, direction, is_local)
    if not rules or not text:
        return ()
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    key = policy.name, policy.hash, direction, is_local, about.question, digest
    if policy.hash and key in _known:
        _known.move_to_end(key)
        return _known[key]
    allowing = tuple(rule for rule in policy.on(direction) if rule.action == "allow")
    found: list[Span] = []
    for rule in rules:
        outcome = await apply(policy.model_copy(update={"rules": (*allowing, rule)}), direction, text, about)
        if (refusal := outcome.refusal) is not None:
            raise KairosError(refusal["code"], refusal["sentence"])
        found += (_span(rule, one["rule"], one["start"], one["end"]) for one in outcome.of("redact"))
    spans = merged(found)
    if policy.hash:
        _known[key] = spans
        if len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return spans


def _span(rule: Rule, broken: str, start: int, end: int) -> Span:
    if not is_personal(rule):
        return Span(start, end, broken)
    kind: Type = broken  # type: ignore[assignment]  # the check names its rules after the types
    return Span(start, end, broken, kind, rule.restore)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that overlap become one: gone for good if one of them is, and restored only if all are."""
    found: list[Span] = []
    there = [one for one in spans if one.start < one.end]
    for one in sorted(there, key=lambda one: (one.start, -one.end)):
        if found and one.start < found[-1].end:
            was = found.pop()
            worse = was if was.kind is None or one.kind is not None else one
            restores = was.restores and one.restores
            one = Span(was.start, max(was.end, one.end), worse.rule, worse.kind, restores)
        found.append(one)
    return tuple(found)


def without(text: str, spans: Sequence[Span], redaction: Redaction) -> str:
    """The text with a placeholder for each personal span, and a note for each that is gone for good."""
    pieces: list[str] = []
    at = 0
    for one in spans:
        pieces += text[at : one.start], _instead(text[one.start : one.end], one, redaction)
        at = one.end
    return "".join((*pieces, text[at:]))


def _instead(value: str, span: Span, redaction: Redaction) -> str:
    if span.kind is None:
        return WITHHELD.format(span.rule.lower().replace("_", " "))
    return redaction.redact(value, [Found(0, len(value), span.kind, 1.0, span.rule)])
