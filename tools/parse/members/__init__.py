"""The files inside a file: those of an archive, the attachments of a message or a PDF."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from state.errors import KairosError
from tools.parse.assemble import clean
from tools.parse.media_types import EML, GZIP, MSG, PDF, TAR, ZIP
from tools.parse.members.archive import in_gzip, in_tar, in_zip
from tools.parse.members.attached import in_mail, in_outlook, in_pdf

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

_LONGEST_PART = 200  # characters of a name between two slashes


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside another: its path below the outer file's name, and its bytes or why there are none."""

    name: str
    data: bytes
    failure: KairosError | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one container may unpack to: bytes, files, and bytes a packed byte where that comes to over 20 MB."""

    size: int = 200 * 2**20
    files: int = 1000
    ratio: int = 200

    def allowed(self, packed: int) -> int:
        """Bytes that `packed` bytes may unpack to."""
        return min(self.size, max(20 * 2**20, self.ratio * packed))


def members(name: str, media_type: str, data: bytes, limits: Limits | None = None) -> Iterator[Member]:
    """The files directly inside a container, in its order; hidden ones and links are passed over.

    A member that cannot be unpacked comes with its failure (file_encrypted, file_corrupt). What is unpacked is
    counted, whatever the headers say. Raises KairosError: archive_too_large, archive_too_many or file_corrupt.
    """
    limits = limits or Limits()
    left = limits.allowed(len(data))
    taken: set[str] = set()
    for path, chunks in _READERS[media_type](name, data, left):
        shown = safe_path(path)
        if not shown:
            continue
        if len(taken) == limits.files:
            raise KairosError("archive_too_many", f"{name} holds more than {limits.files} files.")
        member = _unpacked(name, f"{name}/{_unique(shown, taken)}", chunks, left)
        left -= len(member.data)
        yield member


def _unpacked(name: str, shown: str, chunks: Iterator[bytes], left: int) -> Member:
    content = bytearray()
    try:
        for chunk in chunks:
            content += chunk
            if len(content) > left:
                raise KairosError("archive_too_large", f"{name} unpacks to more than is read.")
    except KairosError as error:
        if error.code == "archive_too_large":
            raise
        return Member(shown, b"", error)
    except Exception as error:  # noqa: BLE001 - every format has its own kinds of damage
        cause = str(error).rstrip(".") or type(error).__name__
        failure = KairosError("file_corrupt", f"{shown} is damaged and cannot be unpacked: {cause}.")
        return Member(shown, b"", failure)
    return Member(shown, bytes(content))


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
