"""Whether a trusted text names a value: exactly, for what differs by one letter may be someone else's."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from state.provenance import Role
from tools.provenance import dates, forms
from tools.provenance.numbers import numbers
from tools.provenance.reading import Reading, squashed, words

_PHONE = re.compile(r"[+(]?\d[\d()./ -]{5,24}")
_WILD = re.compile(r"[*?~$%|;&<>`\\\n]|\.\.|^/?$")
_WORDS = 12
_BAG = 2000
"""Characters of a text up to which its words may stand in any order: a long one holds nearly every word."""
Trusted = Sequence[Reading]


def named(role: Role, value: str, trusted: Trusted) -> bool:
    """Whether the trusted texts name it for this role."""
    value = value.strip()
    if not unicodedata.is_normalized("NFKC", value) or not all(
        sign.isprintable() or sign in "\r\n\t" for sign in value
    ):
        return False
    return _NAMED[role](value, trusted)


def _recipient(value: str, trusted: Trusted) -> bool:
    """Every address, phone number or name of a list; a name before an address in brackets may be any."""
    people = [one.strip() for one in re.split(r"[,;\r\n]", value) if squashed(one)]
    return bool(people) and all(_person(one, trusted) for one in people)


def _person(value: str, trusted: Trusted) -> bool:
    found = forms.emails(value)
    if found or "@" in value[1:]:
        alone = value.lower()
        for one in found:
            alone = alone.replace(one, " ", 1)
        return "@" not in alone and all(any(one in text.emails for text in trusted) for one in found)
    if _PHONE.fullmatch(value):
        return any(_phones_alike(value, text) for text in trusted)
    return _has(value, trusted) or _has_words(value, trusted)


def _phones_alike(value: str, text: Reading) -> bool:
    """Equal digits, or equal but for the country's code in place of a 0."""
    digits = squashed(value).lstrip("0")
    for match in _PHONE.finditer(text.text):
        other = squashed(match[0]).lstrip("0")
        shorter, longer = sorted((digits, other), key=len)
        if digits == other or (
            len(shorter) >= 8 and longer.endswith(shorter) and len(longer) - len(shorter) <= 3
        ):
            return True
    return False


def _url(value: str, trusted: Trusted) -> bool:
    """The URL itself; or its host, and every word after it."""
    if "." not in value and "://" not in value:
        return _target(value, trusted)
    link = forms.parts(value)
    if link is None:
        return False
    if any(link in text.links for text in trusted):
        return True
    if not any(link[0] in text.hosts for text in trusted):
        return False
    return all(any(word in text.vocabulary for text in _short(trusted)) for word in words(link[1]))


def _amount(value: str, trusted: Trusted) -> bool:
    """Every number of it."""
    pieces = [piece for piece in value.split() if any(sign.isdigit() for sign in piece)] or [value]
    return all(any(numbers(piece) & text.numbers for text in trusted) for piece in pieces)


def _target(value: str, trusted: Trusted) -> bool:
    """As one; or each step of a path, word by word; no wildcard and no way up that is not written so."""
    value = value.removeprefix("./").rstrip("/") or value
    if _verbatim(value.lower(), [text.text.lower() for text in trusted]):
        return True
    if _WILD.search(value):
        return False
    endings = [text.endings for text in trusted]
    return all(_has(step, endings) or _said(step, endings) for step in re.split(r"[/\\]", value) if step)


def _command(value: str, trusted: Trusted) -> bool:
    return _verbatim(value, [text.text for text in trusted])


def _value(value: str, trusted: Trusted) -> bool:
    said = dates.days(value)
    if said and dates.is_date(value):
        return any(said & text.days for text in trusted)
    if re.fullmatch(r"-?[\d.,]+", value):
        return _amount(value, trusted)
    return _has(value, trusted) or _said(value, trusted)


def _link(value: str, trusted: Trusted) -> bool:
    if forms.emails(value):
        return _recipient(value, trusted)
    if (
        any(sign.isdigit() for sign in value)
        and value in forms.accounts(f"account {value}")
        and "." not in value
    ):
        return _account(value, trusted)
    return _url(value, trusted)


def _account(value: str, trusted: Trusted) -> bool:
    """The whole of a number, with or without blanks; a name where there is no digit."""
    wanted = squashed(value)
    if not any(sign.isdigit() for sign in wanted):
        return _recipient(value, trusted)
    grouped = r"[ .\-]?".join(map(re.escape, wanted))
    whole = re.compile(rf"(?<!\w)(?<!\d[ -]){grouped}(?!\w)(?![ -]\w{{0,30}}\d)")
    return any(whole.search(text.text.lower()) for text in trusted)


def _has(value: str, trusted: Trusted) -> bool:
    wanted = squashed(value)
    return any(text.has(wanted) for text in trusted)


def _has_words(value: str, trusted: Trusted) -> bool:
    """In another order, in one short text: "Lopez, Maria"."""
    wanted = words(value)
    return 0 < len(wanted) <= _WORDS and any(text.vocabulary.issuperset(wanted) for text in _short(trusted))


def _said(value: str, trusted: Trusted) -> bool:
    """In another order, over all short texts, one or many."""
    wanted, short = words(value), _short(trusted)
    return 0 < len(wanted) <= _WORDS and all(any(word in text.plurals for text in short) for word in wanted)


def _short(trusted: Trusted) -> list[Reading]:
    return [text for text in trusted if len(text.text) <= _BAG]


def _verbatim(value: str, texts: Sequence[str]) -> bool:
    """Sign by sign, between blanks or quotes; runs of blanks count as one."""
    wanted = " ".join(value.split())
    edge = (
        re.compile(rf"(?<![^\s\"'`(“]){re.escape(wanted)}(?=[\"'`)”,.;:!?/]*+(?:\s|$))") if wanted else None
    )
    return edge is not None and any(edge.search(" ".join(text.split())) for text in texts)


_NAMED: dict[Role, Callable[[str, Trusted], bool]] = {
    "recipient": _recipient,
    "url": _url,
    "account": _account,
    "amount": _amount,
    "target": _target,
    "command": _command,
    "link": _link,
    "body": _value,
    "value": _value,
}
