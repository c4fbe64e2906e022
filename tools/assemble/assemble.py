"""All that happens between the ranking and the model, in one place."""

from collections.abc import Iterator, Mapping, Sequence

from state.identity import Identity
from state.passages import PassageData
from state.postgres.stretches import Place, StretchText, load_stretches
from tools.assemble.distinct import distinct
from tools.assemble.fit import fit
from tools.assemble.join import Stretch, joined, stretches


async def assemble(
    identity: Identity, ranked: Sequence[PassageData], most: int, tokens: int
) -> list[PassageData]:
    """The passages to read, best first: of `ranked` at most `most`, and as many as take at most `tokens`.

    Near-duplicates are left out, and what stands side by side is joined.
    """
    found = stretches(fit(distinct(ranked), most, tokens))
    texts = await load_stretches(identity, [_place(one) for one in found if len(one.passages) > 1])
    return [passage for stretch in found for passage in _read(stretch, texts)]


def _place(stretch: Stretch) -> Place:
    return (stretch.passages[0]["document_id"], *stretch.span)


def _read(stretch: Stretch, texts: Mapping[Place, StretchText]) -> Iterator[PassageData]:
    """A stretch as one passage; as it was ranked if its document changed since, and not at all if that is gone."""
    if len(stretch.passages) == 1:
        yield stretch.passages[0]
    elif found := texts.get(_place(stretch)):
        if found.version == stretch.passages[0]["version"]:
            yield joined(stretch, found.text, found.page_starts)
        else:
            yield from stretch.passages
