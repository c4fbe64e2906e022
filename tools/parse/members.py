"""The files inside a file: those of an archive, the attachments of a message or a PDF."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from state.errors import KairosError
from tools.parse.assemble import clean
from tools.parse.media_types import EML, GZIP, MSG, PDF, TAR, ZIP
from tools.parse.members_archive import in_gzip, in_tar, in_zip
from tools.parse.members_attached import in_mail, in_outlook, in_pdf

_READERS: dict[str, Callable[[str, bytes, int], Iterator[tuple[str, Iterator[bytes]]]]] = {
    ZIP: in_zip,
    TAR: in_tar,
    GZIP: in_gzip,
    EML: in_mail,
    MSG: in_outlook,
    PDF: in_pdf,
}
CONTAINERS = frozenset(_READERS)
"""Media types that may hold files; those of messages and PDFs are documents too."""

_UNSUSPICIOUS = 20 * 2**20  # bytes that any container may unpack to
_LONGEST_PART = 200  # characters of a name between two slashes


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside another: its path, which begins with the outer file's name, and its bytes."""

    name: str
    data: bytes


def members(
    name: str,
    media_type: str,
    data: bytes,
    most_bytes: int = 200 * 2**20,
    most_members: int = 1000,
    most_ratio: int = 200,
) -> Iterator[Member]:
    """The files directly inside a container, in its order; hidden ones and links are passed over.

    They may unpack to `most_bytes` together, and to `most_ratio` times the packed size where that is over 20 MB.
    Raises KairosError: file_too_large at once; file_encrypted or file_corrupt for the first member that cannot be
    unpacked, after all others were given.
    """
    left = min(most_bytes, max(_UNSUSPICIOUS, most_ratio * len(data)))
    taken: set[str] = set()
    failure: KairosError | None = None
    for path, chunks in _READERS[media_type](name, data, left):
        shown = safe_path(path)
        if not shown:
            continue
        if len(taken) == most_members:
            raise KairosError("file_too_large", f"{name} holds more than {most_members} files.")
        shown = f"{name}/{_unique(shown, taken)}"
        content, error = _unpacked(name, shown, chunks, left)
        failure = failure or error
        left -= len(content)
        if not error:
            yield Member(shown, content)
    if failure:
        raise failure


def _unpacked(name: str, shown: str, chunks: Iterator[bytes], left: int) -> tuple[bytes, KairosError | None]:
    """The bytes of a member, or the reason why there are none."""
    content = bytearray()
    try:
        for chunk in chunks:
            content += chunk
            if len(content) > left:
                raise KairosError("file_too_large", f"{name} unpacks to more than is read.")
    except KairosError as error:
        if error.code == "file_too_large":
            raise
        return b"", error
    except Exception as error:  # every format has its own kinds of damage
        cause = str(error).rstrip(".") or type(error).__name__
        return b"", KairosError("file_corrupt", f"{shown} is damaged and cannot be unpacked: {cause}.")
    return bytes(content), None


def safe_path(path: str) -> str:
    """`path` relative and without steps upwards; empty for a hidden file or one in a hidden folder."""
    parts = [" ".join(clean(part).split()) for part in path.replace("\\", "/").split("/")]
    parts = [part[:_LONGEST_PART] for part in parts if part not in ("", ".", "..") and not part.endswith(":")]
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return "" if hidden else "/".join(parts)


def _unique(path: str, taken: set[str]) -> str:
    """`path`, with a number before its ending where another member has it already."""
    found, number = path, 1
    while found in taken:
        number += 1
        stem, dot, suffix = path.rpartition(".")
        found = f"{stem} ({number}).{suffix}" if dot and "/" not in suffix else f"{path} ({number})"
    taken.add(found)
    return found
