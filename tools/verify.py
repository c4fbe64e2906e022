"""Checks an answer sentence by sentence against the passages it cites; local, no language model."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.embed.embedder import embedder
from tools.passages import NOT_FOUND, Passage
from tools.reading.claims import Claim, split_claims
from tools.reading.support import Support, closest, nearest, with_meaning, without_meaning


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer, `text == answer[start:end]`; score 0 to 1; reason says why, in a few words."""

    text: str
    start: int
    end: int
    citations: list[int]
    supported: bool
    score: float
    reason: str


async def verify(answer: str, passages: Sequence[Passage]) -> list[Sentence]:
    """The sentences of the answer, each held against its cited passages, or all of them if it cites none."""
    claims = split_claims(answer)
    found = [_first_look(claim, passages) for claim in claims]
    for place, (claim, support) in enumerate(zip(claims, found, strict=True)):
        if support is None:
            found[place] = await _by_meaning(claim, passages)
    return [_sentence(claim, _inherited(claims, found, place)) for place, claim in enumerate(claims)]


def _first_look(claim: Claim, passages: Sequence[Passage]) -> Support | None:
    """What the words alone decide; None when the meaning has to be asked."""
    if claim.plain in (NOT_FOUND, ""):
        return Support(True, 1.0, "claims nothing")
    if any(not 1 <= number <= len(passages) for number in claim.citations):
        return Support(False, 0.0, "cites a passage that does not exist")
    return without_meaning(claim, _rests_on(claim, passages))


async def _by_meaning(claim: Claim, passages: Sequence[Passage]) -> Support:
    windows = closest(nearest(claim, _rests_on(claim, passages)))
    model = await embedder()
    vectors = await model.embed([claim.plain, *(window.text for window in windows)])
    return with_meaning(windows, (vectors[1:] @ vectors[0]).tolist())


def _rests_on(claim: Claim, passages: Sequence[Passage]) -> list[Passage]:
    return [passages[number - 1] for number in claim.citations] or list(passages)


def _inherited(claims: Sequence[Claim], found: Sequence[Support | None], place: int) -> Support:
    """The support of a claim; a bare "Yes." stands or falls with the sentence after it."""
    support = found[place]
    if claims[place].bare and place + 1 < len(found):
        support = found[place + 1]
    return support or Support(False, 0.0, "not found")


def _sentence(claim: Claim, support: Support) -> Sentence:
    reason = support.reason if claim.citations else f"no citation; {support.reason}"
    return Sentence(
        claim.text, claim.start, claim.end, list(claim.citations), support.supported, support.score, reason
    )
