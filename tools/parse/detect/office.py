"""Which kind of Office file of before 2007, or Outlook message, an OLE container is."""

import io

from state.errors import KairosError
from tools.parse.media_types import DOC, MSG, PPT, XLS

_STREAMS = {
    "__properties_version1.0": MSG,
    "worddocument": DOC,
    "workbook": XLS,
    "book": XLS,
    "powerpoint document": PPT,
}
_ENCRYPTED = {"encryptedpackage", "encryptedsummary", "drmcontent"}
_OTHERS = {"visiodocument": "a Visio drawing", "quill": "a Publisher file", "contents": "a Works file"}


def detect_office(name: str, data: bytes) -> str:
    """Media type by the streams at the top of the container."""
    streams = _streams(name, data)
    if streams & _ENCRYPTED:
        raise KairosError("file_encrypted", f"{name} is protected by a password.")
    found = next((media_type for stream, media_type in _STREAMS.items() if stream in streams), "")
    if not found:
        kind = next((kind for stream, kind in _OTHERS.items() if stream in streams), "of an unknown kind")
        raise KairosError("file_unsupported", f"{name} is an Office file that cannot be read: it is {kind}.")
    return found


def _streams(name: str, data: bytes) -> set[str]:
    """Names at the top of the directory, in lower case."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return {entry.name.lower() for entry in container.root.kids}
    except Exception as error:  # olefile raises many kinds for a damaged container
        raise KairosError("file_corrupt", f"{name} is a damaged Office file: {error}.") from error
