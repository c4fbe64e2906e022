"""What the product has stored of each file of an evaluation, scored against what is known of the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evals.bootstrap import Interval, interval
from evals.manifest import FileCase
from evals.report import Failure, Slice
from state.identity import Identity
from state.postgres.pool import ingesting

HANG_S = 30.0
CRASHES = ("parse_crashed", "parse_out_of_memory")


@dataclass(frozen=True, slots=True)
class Result:
    """One file: its failure (code, cause; none: it was parsed), those inside it, what reading it took.

    snippet, pages: whether they are right; None where they are not known.
    """

    case: FileCase
    failure: tuple[str, str] | None
    members: list[dict[str, str]]
    seconds: float
    peak_mb: float
    snippet: bool | None
    pages: bool | None


async def result_of(identity: Identity, case: FileCase) -> Result:
    """The result of a file that was ingested."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT f.status, f.code, f.cause, f.members, coalesce(f.seconds, 0) AS seconds, "
            "coalesce(f.peak_mb, 0) AS peak_mb, "
            "ARRAY(SELECT text FROM documents WHERE file = f.id) AS texts, "
            "(SELECT pages FROM documents WHERE file = f.id AND member = '') AS pages "
            "FROM files f WHERE f.uri = %s",
            (str(case.file),),
        )
        row = await cursor.fetchone() or _lost()
    parsed = row["status"] == "stored"
    return Result(
        case=case,
        failure=None if parsed else (row["code"] or "file_lost", row["cause"] or "It was never read."),
        members=row["members"],
        seconds=row["seconds"],
        peak_mb=row["peak_mb"],
        snippet=_has(row["texts"], case),
        pages=row["pages"] == case.pages if parsed and case.pages is not None else None,
    )


def measures(results: Sequence[Result]) -> dict[str, Interval]:
    """Shares of files; `snippets_found` of those with a phrase, `pages_right` of those parsed with a known number.

    seconds: mean of a file. peak_mb: the most that any took.
    """
    codes = [result.failure[0] if result.failure else "" for result in results]
    hung = [r.seconds > HANG_S or code == "parse_timeout" for r, code in zip(results, codes, strict=True)]
    return {
        "parsed": interval([not code for code in codes]),
        "failed": interval([bool(code) for code in codes]),
        "crashed": interval([code in CRASHES for code in codes]),
        "hung": interval(hung),
        "snippets_found": interval([result.snippet for result in results]),
        "pages_right": interval([result.pages for result in results]),
        "seconds": interval([result.seconds for result in results]),
        "peak_mb": interval([result.peak_mb for result in results], percentile=100),
    }


def slices(results: Sequence[Result]) -> dict[str, Slice]:
    """The same by type of file, and by note."""
    groups: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda result: result.case.type):
        groups.setdefault(result.case.type, []).append(result)
    for result in results:
        for note in result.case.notes:
            groups.setdefault(f"note={note}", []).append(result)
    return {name: Slice(len(group), measures(group)) for name, group in groups.items()}


def failures(results: Sequence[Result]) -> dict[str, list[Failure]]:
    """By code: files and files inside them that were not parsed, and those without what they are known to hold."""
    found: dict[str, list[Failure]] = {}
    for result in results:
        for code, failure in _failures(result):
            found.setdefault(code, []).append(failure)
    return found


def _failures(result: Result) -> Iterator[tuple[str, Failure]]:
    path = result.case.path
    if result.failure:
        yield result.failure[0], Failure(path, result.failure[1])
        return
    for inner in result.members:
        inside = "/".join(filter(None, (path, inner["member"])))
        yield inner["code"], Failure(inside, inner["cause"])
    if result.snippet is False:
        yield "snippet_missing", Failure(path, f"Not in its text: {result.case.text}")
    if result.pages is False:
        yield "pages_wrong", Failure(path, f"It has {result.case.pages} pages.")


def _lost() -> dict[str, Any]:
    return {
        "status": "",
        "code": None,
        "cause": None,
        "members": [],
        "seconds": 0.0,
        "peak_mb": 0.0,
        "texts": [],
        "pages": None,
    }


def _has(texts: Sequence[str], case: FileCase) -> bool | None:
    """Whether the phrase stands in one of the texts; unknown where no reader gets in without a password."""
    if case.text is None or "encrypted" in case.notes:
        return None
    phrase = _plain(case.text)
    return any(phrase in _plain(text) for text in texts)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
