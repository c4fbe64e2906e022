"""Title and author of Office files of before 2007."""

from typing import TYPE_CHECKING

from tools.parse.decode import decode

if TYPE_CHECKING:
    from olefile import OleFileIO


def ole_info(container: "OleFileIO") -> tuple[str, dict[str, str]]:
    """The title ("" where none is given) and the author as metadata."""
    try:
        found = container.get_metadata()
    except Exception:  # noqa: BLE001 - olefile raises many kinds; the text can be read all the same
        return "", {}
    title, author = (_text(value, found.codepage) for value in (found.title, found.author))
    return title, {"author": author} if author else {}


def _text(value: object, code_page: object) -> str:
    if not isinstance(value, bytes):
        return str(value or "")
    value = value.rstrip(b"\0")
    known = isinstance(code_page, int) and 0 < code_page % 65536 not in (1200, 65001)
    try:
        return value.decode(f"cp{int(str(code_page)) % 65536}" if known else "utf-8").strip()
    except (LookupError, ValueError):
        return decode(value).strip()
