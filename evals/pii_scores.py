"""Counting found spans of personal data.

A marked span is found when spans found of its type cover at least half of its characters; a found span is right when
marked spans of its type cover at least half of its characters. So it does not matter whether an address is one span or
four. A place's name may be called a place or part of an address, for the sets mark it now so, now so (`WHERE`). What is
found of a type that the set never marks is not judged: nobody said whether it is right.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.bootstrap import Interval

Span = tuple[int, int, str]
Counts = tuple[int, int, int, int]
"""Marked, found of these, found by the detector, right of these."""

OURS = {
    "ADDRESS": "STREET_ADDRESS ZIP_CODE ZIPCODE POSTCODE STREET BUILDINGNUMBER SECONDARYADDRESS",
    "LOCATION": "GPE LOC CITY COUNTRY STATE COUNTY",
    "NATIONALITY": "NRP NORP",
    "DATE": "DATE_TIME DATETIME DOB DATE_OF_BIRTH TIME",
    "PHONE": "PHONE_NUMBER PHONENUMBER TELEPHONE",
    "EMAIL": "EMAIL_ADDRESS",
    "URL": "DOMAIN_NAME DOMAIN",
    "IP": "IP_ADDRESS IPV4 IPV6",
    "MAC": "MAC_ADDRESS",
    "CARD": "CREDIT_CARD CREDITCARDNUMBER CREDIT_CARD_NUMBER",
    "IBAN": "IBAN_CODE",
    "SSN": "US_SSN SOCIAL_SECURITY_NUMBER",
    "PERSON": "NAME PER FIRSTNAME LASTNAME FIRST_NAME LAST_NAME",
    "ORGANIZATION": "ORG COMPANY COMPANYNAME ORGANISATION",
    "TITLE": "JOB JOBTITLE PREFIX OCCUPATION",
    "PASSPORT": "US_PASSPORT PASSPORT_NUMBER",
    "NATIONAL_ID": "UK_NHS ES_NIF IT_FISCAL_CODE IN_AADHAAR PL_PESEL UK_NINO US_ITIN US_DRIVER_LICENSE ID",
}
WHERE = frozenset(("LOCATION", "ADDRESS"))
_OURS = {theirs: ours for ours, names in OURS.items() for theirs in names.split()}


def ours(name: str) -> str:
    """Our type for a set's own."""
    return _OURS.get(name.upper(), name.upper())


@dataclass(frozen=True, slots=True)
class Judged:
    """One text: its marked spans (the set's types) and the found ones (our types)."""

    marked: Sequence[Span]
    found: Sequence[Span]

    def counts(self, kinds: frozenset[str] | None, name: str | None = None, strict: bool = False) -> Counts:
        """Of our types `kinds` (None: whatever the type); of the marked, only those the set calls `name` if given."""
        marked = [(a, b, ours(kind), kind) for a, b, kind in self.marked]
        found = [one for one in self.found if kinds is None or one[2] in kinds]
        return (
            sum(name in (None, kind) for *_, kind in marked),
            sum(
                name in (None, theirs) and _covered((a, b), _of(kind, self.found, kinds is None, strict))
                for a, b, kind, theirs in marked
            ),
            len(found),
            sum(
                _covered((a, b), _of(kind, [one[:3] for one in marked], kinds is None, strict))
                for a, b, kind in found
            ),
        )


def _of(kind: str, spans: Iterable[Span], is_any: bool, strict: bool) -> Iterator[tuple[int, int]]:
    alike = WHERE if kind in WHERE and not strict else frozenset((kind,))
    return ((start, end) for start, end, own in spans if is_any or own in alike)


def _covered(one: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    start, end = one
    return 2 * len({place for a, b in others for place in range(max(a, start), min(b, end))}) >= end - start


def metrics(counts: Sequence[Counts], samples: int = 1000, seed: int = 0) -> dict[str, Interval]:
    """Precision, recall and F2 over all spans; intervals by drawing texts anew."""
    rows = np.array(counts, dtype=np.int64)
    drawn = np.random.default_rng(seed).integers(len(rows), size=(samples, len(rows)))
    summed = np.stack([rows[one].sum(axis=0) for one in drawn])
    value, several = _scores(rows.sum(axis=0)[None, :]), _scores(summed)
    return {name: _interval(value[name], several[name]) for name in value}


def ratio(above: Sequence[float], below: Sequence[float], samples: int = 1000, seed: int = 0) -> Interval:
    """The sum of `above` over the sum of `below`; the interval by drawing texts anew."""
    rows = np.array([above, below], dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(rows.shape[1], size=(samples, rows.shape[1]))
    sums = np.stack([rows[:, one].sum(axis=1) for one in drawn])
    return _interval(rows[0].sum(keepdims=True) / rows[1].sum(), sums[:, 0] / sums[:, 1])


def _scores(sums: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    marked, hit, found, right = sums.T.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = right / found, hit / marked
        together = 5 * precision * recall / (4 * precision + recall)
    # Nothing right is a score of 0, not an unknown one.
    return {
        "precision": precision,
        "recall": recall,
        "f2": np.where((hit == 0) & (marked > 0), 0.0, together),
    }


def _interval(value: NDArray[np.float64], drawn: NDArray[np.float64]) -> Interval:
    if np.isnan(value[0]):
        return {"value": None, "low": None, "high": None}
    low, high = np.percentile(drawn[~np.isnan(drawn)], [2.5, 97.5])
    return {"value": float(value[0]), "low": float(low), "high": float(high)}
