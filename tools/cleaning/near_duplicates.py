"""Near-duplicates: documents that say the same, though not in every character the same.

MinHash over shingles of five words finds candidates (Broder 1997; banded, Leskovec et al., Mining of Massive Datasets,
section 3.4). Two documents are one only if their shingles agree and nothing that could matter differs.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b

SAME = 0.9
"""The least Jaccard similarity of the shingles."""
SHINGLE = 5
BANDS, ROWS = 10, 6
"""Of 60 permutations: two texts of similarity 0.9 share a band with probability 0.9995, of 0.5 with 0.15."""

_SEED = 20_261_121  # of the permutations: signatures that are stored hold to it
_TOKEN = re.compile(
    r"[$€£¥]?\d(?:[\d.,:/'’-]*\d)?[%‰°$€£¥]?|[\u0e00-\u0eff\u2e80-\ud7ff\uf900-\ufaff]|[^\W\d_]+(?:['’][^\W\d_]+)*"
)
_WORDS = frozenset(
    # Negation.
    "not no never cannot neither nor none nobody nothing without except unless excluding prohibited forbidden"
    " nicht kein keine keinen keiner keinem nie niemals ohne weder ausser ne pas jamais sans aucun aucune ni sauf"
    " nunca sin ningún ninguna jamás excepto non mai senza nessun nessuna niet geen nooit zonder não sem nenhum"
    " nenhuma inte ej aldrig utan ikke aldri aldrig uden uten nie bez не нет без никогда"
    # Duty and leave.
    " must may shall should can required optional muss müssen darf dürfen soll sollen kann können doit peut debe puede"
    " deve può moet mag pode"
    # Numbers in words, months and days.
    " zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half once twice"
    " first second third fourth fifth last before after eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"
    " deux trois quatre cinq sept huit neuf dix dos tres cuatro cinco seis siete ocho nueve diez"
    " january february march april june july august september october november december"
    " januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre"
    " novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    " monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag"
    " sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado"
    " domingo".split()
)


def signature_of(text: str) -> tuple[int, ...]:
    """Ten signed 64-bit numbers: texts that are the same nearly always share one, and hardly any others do.

    What must not differ is part of each, so that forms which differ in a number share none.
    """
    from rensa import RMinHash

    words = _tokens(text)
    if not words:
        return ()
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=_SEED)
    sketch.update(list(_shingles(words)))
    rows = b"".join(value.to_bytes(8, "big") for value in sketch.digest())
    fixed = "\x1f".join(_facts(words)).encode()
    width = ROWS * 8
    return tuple(_number(fixed, band, rows[band * width : (band + 1) * width]) for band in range(BANDS))


def is_same(one: str, other: str) -> bool:
    """Whether one of two texts can stand for both: a Jaccard similarity of at least SAME, the same numbers, dates and

    negations in the same order, and no name in the place of another one. This is exact, unlike the signature.
    """
    words, others = _tokens(one), _tokens(other)
    if not words or _facts(words) != _facts(others):
        return False
    if _names(one) - set(others) and _names(other) - set(words):
        return False
    mine, theirs = set(_shingles(words)), set(_shingles(others))
    return len(mine & theirs) >= SAME * len(mine | theirs)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


def _shingles(words: Sequence[str]) -> Iterator[str]:
    """Every run of five words; all the words if there are fewer."""
    if len(words) <= SHINGLE:
        return iter([" ".join(words)])
    return map(" ".join, zip(*(words[first:] for first in range(SHINGLE)), strict=False))


def _facts(words: Sequence[str]) -> list[str]:
    """Numbers with the word after them ("27 days"), and the words that turn a sentence round, in their order."""
    found = []
    for place, word in enumerate(words):
        if word in _WORDS or (word[-1] == "t" and word[-2:-1] in "'’"):
            found.append(word)
        elif not word[0].isalpha():
            found.append(" ".join(words[place : place + 2]))
    return found


def _names(text: str) -> set[str]:
    """The words that begin with a capital somewhere."""
    return {word.casefold() for word in _TOKEN.findall(text) if word[0].isupper()}


def _number(fixed: bytes, band: int, rows: bytes) -> int:
    digest = blake2b(rows + fixed, digest_size=8, salt=bytes([band]))
    return int.from_bytes(digest.digest(), "big", signed=True)
