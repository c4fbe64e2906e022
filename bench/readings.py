"""Readers of files measured side by side: the same file by each in turn, so that other load meets all alike."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.files import Sample
from bench.programs import Program


@dataclass(slots=True)
class Reading:
    """What one reader made of one file: seconds of each round, the last answer."""

    seconds: list[float] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def readable(self) -> bool:
        return "words" in self.answer


Readings = dict[str, dict[str, Reading]]
"""By name of the reader and path of the file."""


def warm_up(programs: Mapping[str, Program], samples: Sequence[Sample]) -> dict[str, float]:
    """Let each read the smallest file of each type, so that what it imports late is loaded; seconds until ready."""
    smallest = {s.type: s for s in sorted(samples, key=lambda s: len(open_bytes(s)), reverse=True) if s.sound}
    ready = {}
    for name, program in programs.items():
        answers = [program.ask({"path": s.path, "phrase": ""}) for s in smallest.values()]
        ready[name] = program.start_seconds + sum(answer["seconds"] for answer in answers)
    return ready


def read_all(
    programs: Mapping[str, Program], samples: Iterable[Sample], known: Readings, skip_dead: bool = True
) -> None:
    """One round. A file that killed its reader, or was too slow for it, is not given to it again."""
    order = list(programs)
    for sample in samples:
        order.append(order.pop(0))
        for name in order:
            reading = known.setdefault(name, {}).setdefault(sample.path, Reading())
            if skip_dead and "died" in reading.answer:
                continue
            answer = programs[name].ask({"path": sample.path, "phrase": sample.phrase})
            reading.seconds.append(answer["seconds"])
            reading.answer = answer


def open_bytes(sample: Sample) -> bytes:
    """The bytes of a file, which stand in the system's cache afterwards."""
    with open(sample.path, "rb") as file:
        return file.read()


def summary(readings: Mapping[str, Reading], samples: Sequence[Sample]) -> dict[str, Any]:
    """Figures of one reader: what it read, found, failed at, and documents a second over all that it was given."""
    mine = [readings[sample.path] for sample in samples]
    sound = [readings[sample.path] for sample in samples if sample.sound]
    phrased = [readings[sample.path] for sample in samples if sample.phrase]
    died = Counter(reading.answer["died"] for reading in mine if "died" in reading.answer)
    seconds = sum(reading.median for reading in mine)
    read = sum(reading.readable for reading in mine)
    return {
        "files": len(mine),
        "read": read,
        "readable_share": _share(sum(reading.readable for reading in sound), len(sound)),
        "snippets_found": sum(bool(reading.answer.get("found")) for reading in phrased),
        "snippets": len(phrased),
        "refused": sum("error" in reading.answer for reading in mine),
        "crashed": died["crashed"],
        "hung": died["hung"],
        "out_of_memory": died["memory"],
        "seconds": seconds,
        "documents_per_second": read / seconds if seconds else 0.0,
        "median_ms": 1000 * statistics.median(reading.median for reading in mine) if mine else None,
    }


def words_found(known: Readings, samples: Sequence[Sample]) -> dict[str, float | None]:
    """For each reader the share of the words that at least half of a file's readers found, mean over the files."""
    shares: dict[str, list[float]] = {name: [] for name in known}
    for sample in samples:
        found = {name: set(mine[sample.path].answer.get("words", ())) for name, mine in known.items()}
        readers = [words for words in found.values() if words]
        votes = Counter(word for words in readers for word in words)
        common = {word for word, count in votes.items() if 2 * count >= len(readers)}
        if len(readers) < 2 or not common:
            continue
        for name, words in found.items():
            if words:
                shares[name].append(len(words & common) / len(common))
    return {name: statistics.fmean(values) if values else None for name, values in shares.items()}


def times_faster(known: Readings, ours: str, samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Against each other reader, on the files that both read: how many, and its seconds over ours."""
    table = {}
    for name in known:
        both = [s.path for s in samples if known[name][s.path].readable and known[ours][s.path].readable]
        if name != ours and both:
            theirs, mine = (sum(known[who][path].median for path in both) for who in (name, ours))
            table[name] = {
                "files": len(both),
                "seconds": theirs,
                f"{ours}_seconds": mine,
                "times": theirs / mine,
            }
    return table


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
