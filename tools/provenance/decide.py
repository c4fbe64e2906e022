"""A tool call is allowed, put before a person, or refused, by where its arguments come from (CaMeL, FIDES).

The model is taken to be won over by what it read: what acts on the world must be named by a trusted text.
"""

from collections.abc import Iterable

from state.errors import KairosError
from state.provenance import Decision, Origin, Reason, Risk, Role, ToolCall
from tools.provenance.atoms import atoms
from tools.provenance.derived import texts_of
from tools.provenance.leaves import Leaf, leaves
from tools.provenance.named import named
from tools.provenance.policy import Policy
from tools.provenance.roles import role_of
from tools.provenance.sources import MODEL, Sources, distinct

REASONS = 20
LONG = 4000
"""Characters of an argument, content aside, from which it is held unread: comparing it would take long."""
_POINTING: frozenset[Role] = frozenset(("recipient", "url", "account", "command", "link"))
"""New ones are taken for the untrusted texts' own, even if they stand in none: they may be split or paraphrased."""
_WORDS: dict[Role, str] = {
    "recipient": "recipient",
    "url": "address on the web",
    "account": "account",
    "amount": "amount",
    "target": "thing that is acted upon",
    "command": "command",
    "link": "address or account number in the text",
    "body": "text",
    "value": "value",
}


def decide(call: ToolCall, sources: Sources, policy: Policy | None = None) -> Decision:
    """What is done about a call, given all that the model saw; never raises for what a call holds: it refuses.

    Every text goes into `sources`: the user's and the system's trusted, tool results, web pages and documents as
    trusted as their owners. Without an untrusted one there is nothing to decide. A text is read when it is first
    needed: a megabyte takes seconds, and belongs into a thread.
    """
    rules = (policy or Policy()).rules
    try:
        found = [
            (leaf, role_of(leaf, call.get("roles", {})))
            for leaf in leaves(call["args"], call.get("parameters"))
        ]
    except KairosError as error:
        return Decision(
            action="refuse", risk=call["risk"], code=error.code, sentence=error.sentence, reasons=[]
        )
    risk = _risk(call["risk"], found)
    listed = rules.get(risk, {})
    reasons = _reasons(found, risk, frozenset(listed), sources) if sources.untrusted else []
    if not reasons:
        return Decision(action="allow", risk=risk, code="", sentence="", reasons=[])
    worst = next((one for one in reasons if listed[one["role"]] == "refuse"), reasons[0])
    return Decision(
        action=listed[worst["role"]],
        risk=risk,
        code=f"untrusted_{worst['role']}",
        sentence=_sentence(worst),
        reasons=reasons,
    )


def _risk(declared: Risk, found: Iterable[tuple[Leaf, Role]]) -> Risk:
    """A read that is told where to read from can carry data there."""
    return (
        "outward"
        if declared == "read" and any(role == "url" and leaf.value for leaf, role in found)
        else declared
    )


def _reasons(
    found: Iterable[tuple[Leaf, Role]], risk: Risk, listed: frozenset[Role], sources: Sources
) -> list[Reason]:
    trusted = [source.strict for source in sources.trusted]
    reasons: list[Reason] = []
    for leaf, given in found:
        for role, value in atoms(leaf, given):
            if role in listed and (len(value) > LONG or not named(role, value, trusted)):
                origins = _origins(role, value, risk, sources)
                if origins:
                    reasons.append(Reason(path=leaf.path[:200], role=role, origins=origins))
                    if len(reasons) == REASONS:
                        return reasons
    return reasons


def _origins(role: Role, value: str, risk: Risk, sources: Sources) -> list[Origin]:
    """The untrusted texts that a value, which no trusted text names, derives from; none if it is harmless."""
    untrusted = sources.untrusted
    origins = texts_of(value, untrusted) if len(value) <= LONG else [source.origin for source in untrusted]
    if not origins and (role in _POINTING or (role in ("target", "amount") and risk != "write")):
        origins = [MODEL, *(source.origin for source in untrusted)]
    return distinct(origins)


def _sentence(reason: Reason) -> str:
    names = [
        f"{one['kind']} {one['name'][:80]}".strip() for one in reason["origins"] if one["kind"] != "model"
    ]
    more = f" or {len(names) - 3} more" if len(names) > 3 else ""
    where = f"may come from {', '.join(names[:3])}{more}"
    return f"The {_WORDS[reason['role']]} in {reason['path'][:80]!r} {where}, and nobody trusted named it."
