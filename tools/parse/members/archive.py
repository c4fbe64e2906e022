"""The files in ZIP, TAR and GZIP archives, unpacked piece by piece."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO

from state.errors import KairosError

_CHUNK = 2**18  # bytes unpacked at a time

Files = Iterator[tuple[str, Iterator[bytes]]]


def in_zip(name: str, data: bytes, _left: int) -> Files:
    """Path and pieces of each file; links are left out."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # zipfile raises many kinds for a damaged archive
        raise _damaged(name, error) from error
    with archive:
        for part in archive.infolist():
            if not part.is_dir() and not stat.S_ISLNK(part.external_attr >> 16):
                yield _readable(part), _in_part(name, archive, part)


def _in_part(name: str, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    if part.flag_bits & 1:
        raise KairosError("file_encrypted", f"{name}/{_readable(part)} is protected by a password.")
    with archive.open(part) as stream:
        yield from _pieces(stream)


def _readable(part: zipfile.ZipInfo) -> str:
    """The path; many programs write UTF-8 without saying so, which reads as letters of an old code page."""
    if part.flag_bits & 0x800:
        return part.filename
    try:
        return part.filename.encode("cp437").decode()
    except UnicodeError:
        return part.filename


def in_tar(name: str, data: bytes, _left: int) -> Files:
    """Path and pieces of each regular file."""
    return _in_stream(name, io.BytesIO(data))


def in_gzip(name: str, data: bytes, left: int) -> Files:
    """The files of a packed TAR, or the one file that is packed, named as the archive without its ending."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as unpacked:
        try:
            is_tar = unpacked.read(512)[257:262] == b"ustar"
            unpacked.seek(0)
        except Exception as error:  # zlib, gzip and the end of the file each raise their own kind
            raise _damaged(name, error) from error
        if is_tar:
            yield from _in_stream(
                name, _Bounded(name, unpacked, 2 * left + 2**20)
            )  # headers and padding count
        else:
            path = PurePath(name)
            yield path.stem if path.suffix.lower() == ".gz" else path.name, _pieces(unpacked)


def _in_stream(name: str, stream: "io.BytesIO | _Bounded") -> Files:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            for part in archive:
                content = archive.extractfile(part) if part.isreg() else None
                if content is not None:
                    yield part.name, _pieces(content)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise _damaged(name, error) from error


def _pieces(stream: "IO[bytes] | gzip.GzipFile") -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece


def _damaged(name: str, error: Exception) -> KairosError:
    return KairosError("file_corrupt", f"{name} is damaged and cannot be unpacked: {error}.")


class _Bounded:
    """A stream that ends with file_too_large after `left` bytes: a TAR's skipped parts are unpacked too."""

    def __init__(self, name: str, stream: gzip.GzipFile, left: int) -> None:
        self._name, self._stream, self._left = name, stream, left

    def read(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise KairosError("archive_too_large", f"{self._name} unpacks to more than is read.")
        return self._stream.read(size)
