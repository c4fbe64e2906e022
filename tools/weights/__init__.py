"""The weights that ship with Kairos: files of this folder, each with its SHA-256 beside it. See README.md there."""

import hashlib
from pathlib import Path

from state.errors import KairosError

FOLDER = Path(__file__).parent


def verified(name: str) -> Path:
    """The path of a file that is what it was when it was made. Raises KairosError `weights_damaged`."""
    file = FOLDER / name
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        expected = file.with_suffix(".sha256").read_text(encoding="ascii").strip()
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise KairosError(
            "weights_damaged", f"Cannot read the model {error.filename}: {cause}. Restore it."
        ) from error
    if digest != expected:
        raise KairosError(
            "weights_damaged", f"The model {file} is damaged: its checksum differs. Restore it."
        )
    return file
