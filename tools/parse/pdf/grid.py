"""The rules of a PDF page, and the grids that they make."""

from collections.abc import Sequence
from typing import NamedTuple

from tools.parse.pdf.rules import Drawn

NEAR = 3.0  # points: rules so near to one another meet, or are one
_MOST = 400  # rules each way; more are a drawing


class Rule(NamedTuple):
    """A rule at a height (or, upright, at a distance from the left), from `start` to `end`."""

    at: float
    start: float
    end: float


def level_rules(drawn: Drawn) -> list[Rule]:
    """The level rules of a page from the top; pieces of one rule are put together."""
    return _merged([Rule((box.top + box.bottom) / 2, box.left, box.right) for box in drawn.across])


def upright_rules(drawn: Drawn) -> list[Rule]:
    """The upright rules of a page from the left."""
    return _merged([Rule((box.left + box.right) / 2, box.top, box.bottom) for box in drawn.down])


def _merged(rules: list[Rule]) -> list[Rule]:
    groups: list[list[Rule]] = []
    for rule in sorted(rules):
        if groups and rule.at - groups[-1][0].at <= 2:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    whole: list[Rule] = []
    for group in groups:
        start = len(whole)
        for rule in sorted(group, key=lambda rule: rule.start):
            if len(whole) > start and rule.start <= whole[-1].end + NEAR:
                whole[-1] = Rule(whole[-1].at, whole[-1].start, max(whole[-1].end, rule.end))
            else:
                whole.append(Rule(group[0].at, rule.start, rule.end))
    return whole


class Grid(NamedTuple):
    """Rules that meet one another."""

    across: list[Rule]
    down: list[Rule]

    @property
    def xs(self) -> list[float]:
        """Where columns begin and end."""
        return _places([rule.at for rule in self.down], [end for rule in self.across for end in rule[1:]])

    @property
    def ys(self) -> list[float]:
        """Where rows begin and end."""
        return _places([rule.at for rule in self.across], [end for rule in self.down for end in rule[1:]])


def _places(rules: list[float], ends: list[float]) -> list[float]:
    """The places of rules, and the outermost ends of those that cross them where the sides are open."""
    found: list[float] = []
    for place in sorted([*rules, min(ends), max(ends)]):
        if not found or place - found[-1] > NEAR:
            found.append(place)
    return found


def grids_of(across: Sequence[Rule], down: Sequence[Rule]) -> list[Grid]:
    """The rules of a page in groups that meet; those that meet none are left out."""
    if len(across) > _MOST or len(down) > _MOST:
        return []
    grids: list[Grid] = []
    for upright in down:
        met = [rule for rule in across if _meet(rule, upright)]
        if not met:
            continue
        joined = Grid(met, [upright])
        for grid in [grid for grid in grids if any(rule in grid.across for rule in met)]:
            grids.remove(grid)
            joined = Grid(sorted({*grid.across, *joined.across}), [*grid.down, *joined.down])
        grids.append(joined)
    return grids


def _meet(level: Rule, upright: Rule) -> bool:
    return (
        level.start - NEAR <= upright.at <= level.end + NEAR
        and upright.start - NEAR <= level.at <= upright.end + NEAR
    )
