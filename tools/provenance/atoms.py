"""What of an argument is judged by itself: the whole, and addresses, links and account numbers inside it."""

import re

from state.provenance import Role
from tools.provenance import dates, forms
from tools.provenance.leaves import Leaf
from tools.provenance.numbers import numbers

SMALL = 100
LINKS = 200
"""More of them in one text are judged as one, which nobody has named."""
_SENTENCE = 6
_CENTS = re.compile(r"cents|pence|minor", re.IGNORECASE)
_SHORT_NUMBER = re.compile(r"-?\d{1,2}(?:\.\d+)?")


def atoms(leaf: Leaf, role: Role) -> list[tuple[Role, str]]:
    """Pairs of role and text; none for what cannot do harm: truth values, choices of the schema, small numbers."""
    value = leaf.value
    if isinstance(value, bool) or value is None or value == "" or _is_choice(leaf):
        return []
    if not isinstance(value, str):
        return _number(leaf.path, value, role)
    if role in ("value", "body") and _SHORT_NUMBER.fullmatch(value.strip()):
        return []
    if role == "amount" and not numbers(value):
        role = "value"
    if dates.is_date(value):
        return [("value", value)]
    if role == "value" and len(value.split()) >= _SENTENCE:
        role = "body"
    found: list[tuple[Role, str]] = [(role, value)]
    if role in ("body", "value", "target", "command"):
        links = _links(value)
        found += [("link", one) for one in (links if len(links) <= LINKS else [value])]
    return found


def _number(path: str, value: float, role: Role) -> list[tuple[Role, str]]:
    """Small ones count where they say whom, what or how much: user 7, two euros; not eight guests."""
    counted = path.endswith(("s", "people")) and role == "recipient"
    plain = counted or role in ("value", "body", "command", "url")
    if plain and abs(value) < SMALL:
        return []
    if role == "amount" and _CENTS.search(path):
        value = value / 100
    number = f"{abs(value):.15g}" if isinstance(value, float) else str(abs(value))
    return [("value" if plain else role, number)]


def _links(value: str) -> list[str]:
    return list(dict.fromkeys((*forms.emails(value), *forms.urls(value), *forms.accounts(value))))


def _is_choice(leaf: Leaf) -> bool:
    """Whether it is one of few values that the tool's own schema lists."""
    choices = leaf.schema.get("enum")
    return (isinstance(choices, list) and leaf.value in choices) or (
        "const" in leaf.schema and leaf.schema["const"] == leaf.value
    )
