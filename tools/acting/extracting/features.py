"""What speaks for a value as that of a parameter: names of features, whose weights were learnt."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from math import inf

from tools.acting.extracting.parameters import Parameter, shape
from tools.acting.extracting.task import Candidate, Task
from tools.acting.extracting.units import unit_features

_CENTURIES = frozenset("10 11 12 13 14 15 16 17 18 19 20".split())
REACH = 6
"""Words before and after a value that are looked at."""
_PREPOSITIONS = frozenset(
    "from to in at for by of on with between and near as until till under into about called named titled is are "
    "over since during after before than per using via against through where equal".split()
)
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "fourth": 4, "start": 1, "end": 2}
_SIDES = {
    "from": 1, "to": 2, "initial": 1, "final": 2, "begin": 1, "until": 2, "lower": 1, "upper": 2, "min": 1, "max": 2,
    "in": 1, "out": 2, "source": 1, "target": 2,
}  # fmt: skip


Starts = Mapping[str, Sequence[int]]
"""By kind of value, where in the text those that are offered begin, in order."""


def features(
    task: Task, parameter: Parameter, own: Sequence[Parameter], offered: Sequence[Candidate]
) -> Iterator[list[str]]:
    """The features of each candidate."""
    of_kind: dict[str, set[int]] = {}
    for one in offered:
        if one.start >= 0:
            of_kind.setdefault(one.kind, set()).add(one.start)
    starts = {kind: sorted(found) for kind, found in of_kind.items()}
    for candidate in offered:
        found = [*_kind(parameter, candidate)]
        if candidate.start >= 0:
            found += _around(task, parameter, candidate, starts)
            found += _order(parameter, own, candidate, starts)
            found += _content(task, parameter, candidate)
        yield found


def absent(task: Task, parameter: Parameter, offered: Sequence[Candidate]) -> Iterator[str]:
    """The features of leaving the parameter out."""
    need = "required" if parameter.required else "optional"
    yield "absent"
    yield f"absent|{need}|{parameter.kind}"
    yield f"absent|default={bool(parameter.default)}|{need}"
    yield f"absent|name said={_said(task, parameter.name)}|{need}"
    yield f"absent|about said={_said(task, parameter.about)}|{need}"
    if not any(candidate.start >= 0 for candidate in offered):
        yield f"absent|nothing offered|{parameter.kind}"
    for word in parameter.name[-2:]:
        yield f"absent|{word}"


def _said(task: Task, stems: Sequence[str]) -> int:
    """How much of it the text says, in quarters."""
    return round(4 * sum(one in task.text.places for one in stems) / max(1, len(stems)))


def _kind(parameter: Parameter, candidate: Candidate) -> Iterator[str]:
    kind, notes = candidate.kind, ",".join(candidate.notes)
    yield f"kind={kind}|{parameter.kind}"
    yield f"kind={kind}|{notes}"
    yield f"kind={kind}|{notes}|{'required' if parameter.required else 'optional'}"
    yield f"kind={kind}|{parameter.kind}|name={parameter.name[-1] if parameter.name else ''}"
    for word in parameter.name[:-1]:
        yield f"kind={kind}|in name={word}"
    for word in parameter.about[:8]:
        yield f"kind={kind}|about={word}"
    if candidate.kind == "percent":
        said = "percent" in parameter.description.lower() or "%" in parameter.description
        small = parameter.default.startswith("0.")
        yield f"percent|{notes}|{said}|{small}|decimal={'decimal' in parameter.description.lower()}"
    if str(candidate.value).lower() == parameter.default:
        yield f"is the default|{candidate.kind}"


def _around(task: Task, parameter: Parameter, candidate: Candidate, starts: Starts) -> Iterator[str]:
    first, last = task.text.tokens(candidate.start, candidate.end)
    stems, words = task.text.stems, task.text.words
    before, after = stems[max(0, first - REACH) : first][::-1], stems[last : last + REACH]
    for label, own in (("name", parameter.name), ("about", parameter.about)):
        for side, near in (("before", before), ("after", after)):
            places = [place for place, one in enumerate(near) if one in own]
            yield f"{label} {side}={places[0] if places else 'none'}|{parameter.kind}"
            if len(places) > 1:
                yield f"{label} {side} twice"
    preposition = _preposition(words[max(0, first - 3) : first])
    yield f"after {preposition}|{parameter.kind}"
    for word in parameter.name:
        yield f"after {preposition}|{word}"
    for word in parameter.about[:6]:
        yield f"after {preposition}|about={word}"
    if before[:1] in (["="], [":"]) and len(before) > 1:
        yield f"after a sign|{before[1] in parameter.name}|{words[first - 2].lower() == parameter.path[-1].lower()}"
    if before[:1] and before[0] in parameter.name and words[first - 1].lower() == parameter.path[-1].lower():
        yield "after the very name"
    yield from _nearest(task, parameter, candidate, starts[candidate.kind])


def _preposition(before: Sequence[str]) -> str:
    """The last one of the words."""
    return next((word for word in map(str.lower, reversed(before)) if word in _PREPOSITIONS), "none")


def _nearest(task: Task, parameter: Parameter, candidate: Candidate, starts: Sequence[int]) -> Iterator[str]:
    """Whether it is the first such value after, or the last before, a word of the parameter's name."""
    rank = bisect_left(starts, candidate.start)
    before = starts[rank - 1] if rank else -1
    after = starts[rank + 1] if rank + 1 < len(starts) else inf
    for label, own in (("name", parameter.name), ("about", parameter.about)):
        places = [task.text.spans[at][0] for word in own for at in task.text.places.get(word, ())]
        follows = any(before <= place < candidate.start for place in places)
        precedes = any(candidate.start < place <= after for place in places)
        yield f"nearest to {label}={follows:d}{precedes:d}|{bool(places):d}|{parameter.kind}"


def _order(
    parameter: Parameter, own: Sequence[Parameter], candidate: Candidate, starts: Starts
) -> Iterator[str]:
    """Values of one kind tend to stand in the order of their parameters."""
    those = starts[candidate.kind]
    like = [one for one in own if one.kind == parameter.kind]
    place, rank = bisect_left(those, candidate.start), like.index(parameter)
    yield f"order={max(-3, min(3, place - rank))}|{parameter.kind}"
    yield f"only one={len(those) == 1}|{len(like) == 1}|{parameter.kind}"
    if len(those) == len(like):
        yield f"as many|order={place == rank}|{parameter.kind}"
    number = _number_of(parameter)
    if number:
        yield f"numbered|{place == number - 1}|{parameter.kind}"


def _number_of(parameter: Parameter) -> int:
    """1 for `x1`, "the first …", and so on; 0 for none."""
    last = parameter.path[-1].rstrip("_")
    if last[-1:].isdigit():
        return int(last[-1])
    parts = last.lower().split("_")
    said = (*(word.lower() for word in parameter.description.split()[:6]), *parts)
    number = next((_ORDINALS[word] for word in said if word in _ORDINALS), 0)
    return number or next((_SIDES[word] for word in parts if word in _SIDES), 0)


def _content(task: Task, parameter: Parameter, candidate: Candidate) -> Iterator[str]:
    first, last = task.text.tokens(candidate.start, candidate.end)
    words, stems = task.text.words[first:last], set(task.text.stems[first:last])
    yield f"says its name={bool(stems & set(parameter.name)):d}|{candidate.kind}"
    yield f"says its description={bool(stems & set(parameter.about)):d}|{candidate.kind}"
    if words and parameter.kind == "string":
        edges = {task.text.stems[first], task.text.stems[last - 1]}
        yield f"its name at an edge={bool(edges & set(parameter.name)):d}|{candidate.kind}"
        yield f"shape={shape(str(candidate.value)) in parameter.shapes}|{bool(parameter.shapes)}|{candidate.kind}"
    if _is_year(candidate, words):
        wanted = "name" if "year" in parameter.name else "about" if "year" in parameter.about else "no"
        yield f"year|{wanted}|{parameter.kind}"
    elif candidate.kind.startswith("number"):
        yield f"no year|{'year' in parameter.name:d}|{parameter.kind}"
    if parameter.kind in ("string", "array"):
        capital = all(word[0].isupper() or not word[0].isalpha() for word in words)
        yield f"capital={capital:d}|starts the text={first == 0:d}|words={min(5, len(words))}"
        for word in parameter.name[-2:]:
            yield f"capital={capital:d}|{word}"
            yield f"words={min(5, len(words))}|{word}"
        following = task.text.words[last].lower() if last < len(task.text.words) else "end"
        is_word = following.isalpha() and following not in _PREPOSITIONS
        yield f"before={'word' if is_word else following}|{candidate.kind}"
    yield from unit_features(parameter, candidate)


def _is_year(candidate: Candidate, words: Sequence[str]) -> bool:
    is_number = candidate.kind in ("number", "number as string")
    return is_number and len(words) == 1 and len(words[0]) == 4 and words[0][:2] in _CENTURIES
