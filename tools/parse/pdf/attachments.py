"""The files that a PDF carries."""

from collections.abc import Iterator

from tools.parse.pdf import LOCK, open_pdf


def attachments(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file attached to a PDF; a damaged one is left out. Raises KairosError: file_encrypted."""
    from pypdfium2 import PdfiumError

    with LOCK:
        pdf = open_pdf(name, data)
    try:
        with LOCK:
            count = pdf.count_attachments()
        for index in range(count):
            try:
                with LOCK:
                    attached = pdf.get_attachment(index)
                    path, content = (
                        attached.get_name() or f"attachment {index + 1}",
                        bytes(attached.get_data()),
                    )
            except PdfiumError:
                continue
            yield path, content
    finally:
        with LOCK:
            pdf.close()
