"""Bodies of answers: read and unpacked, never beyond a limit."""

import zlib

from state.errors import KairosError


class Body:
    """Collects what is fed to it, unpacked where it is gzip, and raises `file_too_large` beyond `largest` bytes.

    The limit holds for what comes out, which a packed bomb makes a thousand times what goes in.
    """

    def __init__(self, name: str, largest: int, *, gzip: bool) -> None:
        self.name = name
        self.largest = largest
        self._inflate = zlib.decompressobj(wbits=31) if gzip else None
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._inflate is None:
            self._add(data)
            return
        while data:
            if self._inflate.eof:  # another gzip member, or the zeros that pad the last one
                data = data.lstrip(b"\0")
                self._inflate = zlib.decompressobj(wbits=31)
                continue
            try:
                self._add(self._inflate.decompress(data, self.largest + 1 - len(self._data)))
            except zlib.error as error:
                raise KairosError("fetch_failed", f"{self.name} is damaged: it is not valid gzip.") from error
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail

    def close(self) -> bytes:
        """All of it; gzip that stops in the middle is `fetch_failed`."""
        if self._inflate is not None and not self._inflate.eof and self._data:
            raise KairosError("fetch_failed", f"{self.name} is cut short.")
        return bytes(self._data)

    def _add(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > self.largest:
            raise KairosError("file_too_large", f"{self.name} is larger than {self.largest // 1_000_000} MB.")


def gunzip(name: str, data: bytes, largest: int) -> bytes:
    """Gzip unpacked, or the data itself if it is none."""
    body = Body(name, largest, gzip=data.startswith(b"\x1f\x8b"))
    body.feed(data)
    return body.close()
