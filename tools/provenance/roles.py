"""What an argument is for, guessed from its name, its schema and its form where the tool does not say."""

import re
from collections.abc import Mapping

from state.provenance import Role
from tools.provenance import forms
from tools.provenance.leaves import Leaf

_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NAMES: dict[Role, frozenset[str]] = {
    "account": frozenset(
        "account iban bic swift card wallet beneficiary payee payer routing sort bank creditor konto".split()
    ),
    "url": frozenset(
        "url urls uri link links href endpoint webhook callback host hostname domain site website feed "
        "server redirect proxy mirror registry".split()
    ),
    "recipient": frozenset(
        "to cc bcc recipient recipients email emails mail address attendee attendees invitee invitees guest "
        "guests member members participant participants assignee owner user users username phone phones "
        "mobile number_to channel contact audience reviewer reviewers approver approvers delegate "
        "subscriber forward destination shipto grantee principal person people who collaborator "
        "collaborators employee customer room_guest chat supplier vendor".split()
    ),
    "command": frozenset(
        "command commands cmd code script sql statement expression shell program instruction instructions "
        "prompt eval exec macro formula args argv entrypoint goal steps rule rules".split()
    ),
    "amount": frozenset(
        "amount amounts price sum total salary budget discount fee rate tip bonus payment limit quantity "
        "refund value credit deposit allowance cost".split()
    ),
    "body": frozenset(
        "body text content contents message description note notes comment comments summary subject title "
        "reason html markdown caption details answer reply purpose memo headline question query q keywords "
        "topic agenda excerpt data reference".split()
    ),
    "target": frozenset(
        "id ids path paths file files filename folder directory key ref record ticket tickets document "
        "documents doc repo repository branch table resource device page attachment attachments "
        "object target uid uuid order invoice source database collection bucket project package service job "
        "pod instance group role permission scope thread event".split()
    ),
}
_FORMATS: dict[str, Role] = {
    "email": "recipient",
    "idn-email": "recipient",
    "uri": "url",
    "hostname": "url",
    "ipv4": "url",
}
_FIRST: tuple[Role, ...] = ("url", "account", "command", "recipient", "amount", "target", "body")


def role_of(leaf: Leaf, given: Mapping[str, Role]) -> Role:
    """The role that the tool gives; else by the schema's format, the value's form, the nearest name that tells."""
    plain = re.sub(r"\[\d+\]", "", leaf.path)
    for name in (leaf.path, plain, *reversed(leaf.names)):
        if name in given:
            return given[name]
    form = _form(leaf)
    if form:
        return form
    if leaf.is_key:
        return "body"
    return next((role for name in reversed(leaf.names) if (role := _by_name(name))), "value")


def _by_name(name: str) -> Role | None:
    """By the last word of the name that tells: `account_id` is an id of an account, and so an account."""
    parts = [part.lower() for part in _PART.findall(name)]
    if not parts:
        return None
    for role in ("account", "url"):
        if _NAMES[role] & set(parts):
            return role
    for part in reversed(parts):
        for role in _FIRST:
            if part in _NAMES[role]:
                return role
    return None


def _form(leaf: Leaf) -> Role | None:
    declared = leaf.schema.get("format")
    if isinstance(declared, str) and declared in _FORMATS:
        return _FORMATS[declared]
    if not isinstance(leaf.value, str):
        return None
    text = leaf.value.strip()
    if len(text) < 2100 and text.lower() in forms.emails(text):
        return "recipient"
    if len(text) < 4100 and text in forms.urls(text):
        return "url"
    return None
