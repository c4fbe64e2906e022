"""One file and the files inside it, one after the other; what fails costs only itself."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from state.errors import KairosError
from tools.parse import Document
from tools.parse.detect import detect
from tools.parse.members import CONTAINERS, Member, members
from tools.parse.members import Limits as MemberLimits
from tools.parse.parsers import PARSERS, document_of
from tools.workers import memory
from tools.workers.part import Job, Part, too_large


@dataclass(slots=True)
class _Left:
    """What the files inside the file may still take."""

    unpacked: int
    members: int
    text: int


def read(job: Job, data: bytes) -> Iterator[str | Part]:
    """The member that is begun, then what became of it, and so on; containers give only what they hold."""
    left = _Left(job.limits.unpacked_mb * 2**20, job.limits.members, job.limits.text_mb * 1_000_000)
    yield from _file(job, "", data, 0, left)


def _file(job: Job, member: str, data: bytes, depth: int, left: _Left) -> Iterator[str | Part]:
    if member in job.lost:
        return
    name = f"{job.name}/{member}" if member else job.name
    known = member in job.done
    if not known:
        yield member
    started = time.perf_counter()
    memory.reset_peak()
    media_type, document, failure = _document(job, name, data, known)
    if document and len(document.text) > left.text:
        sentence = (
            f"{name} holds too much text: at most {job.limits.text_mb} million characters of a file are read."
        )
        document, failure = None, ("file_too_long", sentence)
    left.text -= len(document.text) if document else 0
    if not known and (document or failure):
        seconds = round(time.perf_counter() - started, 4)
        yield Part(member, document, *(failure or ("", "")), seconds, round(memory.peak_mb(), 1))
    if media_type in CONTAINERS and (failure is None or failure[0] == "file_no_text"):
        yield from _members(job, member, media_type, data, depth, left)


def _document(
    job: Job, name: str, data: bytes, known: bool
) -> tuple[str, Document | None, tuple[str, str] | None]:
    """Media type (empty: undecided), the document unless it is `known` or there is none, and the failure if any."""
    media_type = ""
    try:
        _check_size(job, name, data)
        media_type = detect(name, data)
        _check_kind(job, name, media_type)
        if known or (media_type in CONTAINERS and media_type not in PARSERS):
            return media_type, None, None
        document = document_of(name, media_type, data)
        _check_pages(job, name, document.pages)
    except Exception as error:  # noqa: BLE001 - a parser may raise anything
        return media_type, None, _explained(name, error)
    return media_type, document, None


def _members(
    job: Job, member: str, media_type: str, data: bytes, depth: int, left: _Left
) -> Iterator[str | Part]:
    name = f"{job.name}/{member}" if member else job.name
    try:
        for inner in members(name, media_type, data, MemberLimits(left.unpacked, left.members)):
            if depth == job.limits.depth:
                sentence = f"{name} is nested too deep: {depth} levels are unpacked."
                raise KairosError("archive_too_deep", sentence)
            yield from _member(job, inner, depth + 1, left)
    except Exception as error:  # noqa: BLE001 - an archive may be damaged in any way
        yield Part(member, None, *_explained(name, error))


def _member(job: Job, inner: Member, depth: int, left: _Left) -> Iterator[str | Part]:
    left.unpacked -= len(inner.data)
    left.members -= 1
    path = inner.name.removeprefix(f"{job.name}/")
    if inner.failure:
        yield Part(path, None, inner.failure.code, inner.failure.sentence)
    else:
        yield from _file(job, path, inner.data, depth, left)


def _check_size(job: Job, name: str, data: bytes) -> None:
    if len(data) > job.limits.file_mb * 2**20:
        raise too_large(name, len(data), job.limits.file_mb)


def _check_kind(job: Job, name: str, media_type: str) -> None:
    """Of the file itself, before any parser sees it; those inside it may be of all kinds."""
    if job.limits.kinds and name == job.name and media_type not in job.limits.kinds:
        raise KairosError("file_unexpected", f"{name} is not what it is said to be, but {media_type}.")


def _check_pages(job: Job, name: str, pages: int | None) -> None:
    if pages and pages > job.limits.pages:
        raise KairosError(
            "file_too_many_pages", f"{name} has {pages} pages; at most {job.limits.pages} are read."
        )


def _explained(name: str, error: BaseException) -> tuple[str, str]:
    """Code and sentence; running out of memory is found below the error that a parser made of it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return "parse_out_of_memory", f"{name} needs more memory to be read than it may take."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, KairosError):
        return error.code, error.sentence
    said = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
    return "file_corrupt", f"{name} is damaged and cannot be read: {said}."
