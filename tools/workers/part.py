"""What is asked of a worker process and what it answers, as plain JSON: nothing it sends can run code here."""

import json
from dataclasses import dataclass, field, fields
from typing import Any

from state.errors import KairosError
from tools.parse.document import Document, Element


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost, and be; `seconds`, `pages` and `file_mb` hold for each file inside it anew.

    memory_mb: of the worker process. unpacked_mb, members: all files inside a file together. text_mb: the text of the
    file and all inside it, in millions of characters. depth: archive in archive. kinds: media types that the file
    itself may turn out to be, all that can be read if none is named.
    """

    seconds: float = 60
    memory_mb: int = 1024
    pages: int = 5000
    file_mb: int = 50
    unpacked_mb: int = 500
    members: int = 2000
    text_mb: int = 20
    depth: int = 3
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a file, or why there is none: a code for machines, a sentence for people.

    member: the path inside the file, "" for the file itself. peak_mb: of the worker process meanwhile.
    """

    member: str
    document: Document | None
    code: str = ""
    cause: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read, but not again the members `done`, and not at all those that a worker was `lost` over."""

    name: str
    limits: Limits
    done: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def to_json(value: Job | Part) -> bytes:
    """The fields as a JSON object."""
    return json.dumps(value, default=_fields).encode()


def job_from(text: bytes) -> Job:
    """The inverse of `to_json`."""
    values = json.loads(text)
    limits = values["limits"]
    return Job(**{**values, "limits": Limits(**{**limits, "kinds": tuple(limits["kinds"])})})


def part_from(text: bytes) -> Part:
    """The inverse of `to_json`."""
    values = json.loads(text)
    if document := values["document"]:
        elements = tuple(Element(**element) for element in document["elements"])
        values["document"] = Document(**{**document, "elements": elements})
    return Part(**values)


def too_large(name: str, size: int, most_mb: int) -> KairosError:
    """The failure of a file of `size` bytes."""
    return KairosError("file_too_large", f"{name} has {size / 2**20:.1f} MB; at most {most_mb} MB are read.")


def _fields(value: Any) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}
