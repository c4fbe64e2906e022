"""Which texts a value may derive from: whole, in part, in other letters, encoded, or nearly. Rather one too many."""

import base64
import re
from collections.abc import Iterable, Iterator

from state.provenance import Origin
from tools.guard.normalise import normalise, views
from tools.provenance import forms
from tools.provenance.leaves import leaves
from tools.provenance.reading import STEM, Reading, squashed
from tools.provenance.sources import DECODED, MODEL, Source, Sources, distinct, folded

WHOLE = 6
"""Letters and digits from which a value is looked for inside words too."""
BIG = 100
_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{8,4000}+={0,2}")
_TOKENS = 500
_FUZZY = 0.6
_YEARS = range(1900, 2101)


def origins_of(value: object, sources: Sources) -> list[Origin]:
    """The union over all texts that any part of a JSON value derives from; `MODEL` where a part stands in none.

    An address, URL or account number that no trusted text names, and no text holds, may come from any untrusted one.
    Conservative (as labels in FIDES, Costa et al. 2025): trusted origins are only told, they make nothing right.
    Raises KairosError `arguments_too_large`.
    """
    found: list[Origin] = []
    for leaf in leaves(value):
        if isinstance(leaf.value, bool) or leaf.value is None or leaf.value == "":
            continue
        own = texts_of(str(leaf.value), sources.all)
        if not own and not leaf.is_key:
            own = [MODEL, *(one.origin for one in sources.untrusted if _points(str(leaf.value)))]
        found += own
    return distinct(found)


def texts_of(value: str, sources: Iterable[Source]) -> list[Origin]:
    """The origins of the sources that it derives from."""
    said = readings(value)
    return [
        source.origin
        for source in sources
        if any(_derives(one, text) for one in said for text in source.loose)
    ]


def readings(value: str) -> list[Reading]:
    """The value as normalised, and what it decodes to; short codes too, for arguments are short."""
    texts = [normalise(value).text, *(view.text for view in views(value[:DECODED])[1:])]
    for match in list(_TOKEN.finditer(texts[0]))[:_TOKENS]:
        texts += _decoded(match[0])
    return [Reading(folded(text)) for text in dict.fromkeys(texts)]


def _decoded(token: str) -> Iterator[str]:
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    for read in (_base64, bytes.fromhex):
        try:
            text = read(plain).decode()
        except ValueError:
            continue
        if sum(sign.isprintable() for sign in text) >= 0.9 * len(text):
            yield normalise(text).text


def _base64(token: str) -> bytes:
    return base64.b64decode(token + "=" * (-len(token) % 4), validate=True)


def _points(value: str) -> bool:
    """Whether it holds an address, a URL or an account number."""
    return any((forms.emails(value), forms.urls(value), forms.accounts(value)))


def _derives(value: Reading, text: Reading) -> bool:
    wanted = value.squashed
    if not wanted:
        return bool(value.text.strip()) and value.text.strip() in text.text
    if wanted in text.squashed if len(wanted) >= WHOLE else text.has(wanted):
        return True
    return (
        _shares_name(value, text) or _shares_number(value, text) or text.shares(wanted) or _alike(value, text)
    )


def _shares_name(value: Reading, text: Reading) -> bool:
    """An address, a host or a number of an account."""
    inside = [*value.emails, *value.hosts, *forms.accounts(value.text)]
    return any(len(one) >= WHOLE and one in text.squashed for one in map(squashed, inside))


def _shares_number(value: Reading, text: Reading) -> bool:
    big = {one for one in value.numbers if one >= BIG or one % 1}
    if len(value.words) > 1:
        big -= {one for one in big if one in _YEARS}
    return bool(big) and not big.isdisjoint(text.numbers)


def _alike(value: Reading, text: Reading) -> bool:
    """A few words, most of which begin as words of the text do: a paraphrase, another ending."""
    stems = {word[:STEM] for word in value.words if len(word) >= STEM}
    if not 2 <= len(stems) <= 12:
        return False
    return len(stems & text.stems) >= _FUZZY * len(stems)
