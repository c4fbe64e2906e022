"""Looking for something in every reading of a text: as it stands, and without its disguises."""

from collections.abc import Callable, Iterable, Sequence

from tools.guard.check import About, Hit
from tools.guard.injection.closed import off_loop
from tools.guard.normalise import views
from tools.guard.view import View

Find = Callable[[str], Iterable[Hit]]


async def readings(text: str, about: About) -> tuple[View, ...]:
    """`views(text)`, once for all checks of a request."""
    return await about.memo.get("readings", text, lambda: off_loop(len(text), views, text))


async def everywhere(text: str, about: About, find: Find) -> list[Hit]:
    """What `find` finds in any reading, at its place in the text as written, without doubles."""
    found = await readings(text, about)
    return await off_loop(len(text), _in_all, found, find)


def _in_all(found: Sequence[View], find: Find) -> list[Hit]:
    return without_doubles(hit for view in found for hit in placed(view, find(view.text)))


def placed(view: View, hits: Iterable[Hit]) -> list[Hit]:
    """Hits in a reading, with offsets of the original."""
    return [Hit(hit.rule, *view.span(hit.start, hit.end), hit.score) for hit in hits]


def without_doubles(hits: Iterable[Hit]) -> list[Hit]:
    """The hits by their place, without those of a rule that meet an earlier one of the same rule. O(n log n)."""
    kept: list[Hit] = []
    ends: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start >= ends.get(hit.rule, 0):
            kept.append(hit)
            ends[hit.rule] = hit.end
    return kept


def hidden(text: str, found: Sequence[View], find: Find) -> list[Hit]:
    """What `find` finds only in the later readings: not what stands there as written."""
    return [
        place
        for view in found[1:]
        for hit in find(view.text)
        for place in placed(view, [hit])
        if text[place.start : place.end] != view.text[hit.start : hit.end]
    ]
