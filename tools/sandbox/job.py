"""What is asked of a sandbox and what it answers, as plain JSON: nothing that it sends can run code here."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from state.errors import KairosError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take: seconds of processor, and of the clock; MB of each of its two processes; what it says.

    output_chars: of what is printed, and as much again of its value and of its error. files_mb: all files and inputs.
    """

    seconds: float = 5.0
    memory_mb: int = 128
    output_chars: int = 20_000
    files_mb: int = 10


@dataclass(frozen=True, slots=True)
class Job:
    """Code, the names that it finds with their JSON values, and the files below /files, by name."""

    code: str
    inputs: Mapping[str, Any]
    files: Mapping[str, bytes]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. value: JSON of the last expression's value; error: its code's traceback, "" if it ended well.

    truncated: more was printed, or the value was larger, than may be given. code: why the sandbox ended it
    (sandbox_timeout, sandbox_out_of_memory), "" if it did not.
    """

    output: str = ""
    value: Any = None
    error: str = ""
    code: str = ""
    truncated: bool = False
    seconds: float = 0.0


def to_messages(job: Job) -> list[bytes]:
    """The job without its files, then one message a file."""
    about = {"code": job.code, "inputs": job.inputs, "files": list(job.files), "limits": asdict(job.limits)}
    return [json.dumps(about).encode(), *job.files.values()]


def about_from(text: bytes) -> tuple[Job, list[str]]:
    """The job without its files, and their names."""
    about = json.loads(text)
    return Job(about["code"], about["inputs"], {}, Limits(**about["limits"])), about["files"]


def to_json(outcome: Outcome) -> bytes:
    """The fields as a JSON object."""
    return json.dumps(asdict(outcome), allow_nan=False).encode()


def outcome_from(text: bytes) -> Outcome:
    """The inverse of `to_json`, mistrusting it. Raises KairosError sandbox_failed."""
    try:
        values = json.loads(text)
        outcome = Outcome(**values)
    except (ValueError, TypeError, RecursionError):
        raise KairosError("sandbox_failed", "The sandbox answered what cannot be read.") from None
    if any(not isinstance(getattr(outcome, name), kind) for name, kind in _KINDS.items()):
        raise KairosError("sandbox_failed", "The sandbox answered what cannot be read.")
    return outcome


_KINDS = {"output": str, "error": str, "code": str, "truncated": bool, "seconds": float}
