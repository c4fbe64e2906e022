"""What a file in a result may turn out to be, by the media type that its server says it has."""

from collections.abc import Sequence

from tools.parse import media_types as types

PICTURES = (types.PNG, types.JPEG, types.TIFF, types.WEBP, types.GIF, types.BMP)
OFFICE = (
    *(types.DOCX, types.PPTX, types.XLSX, types.XLSB, types.DOC, types.XLS, types.PPT, types.MSG, types.RTF),
    *(types.ODT, types.ODS, types.ODP),
)
TEXTS = (
    *(types.PLAIN, types.MARKDOWN, types.ASCIIDOC, types.RESTRUCTURED, types.LATEX, types.HTML, types.MHTML),
    *(types.XML, types.JSON, types.JSONL, types.CSV, types.TSV, types.VTT, types.SRT, types.EML, types.RTF),
)
ANY = (*PICTURES, *OFFICE, *TEXTS, types.PDF, types.EPUB)
"""No archives: what is in them is nobody's answer."""

_UNSAID = ("", "application/octet-stream", "binary/octet-stream")
_BEGINNINGS = (
    (types.PDF, (types.PDF,)),
    (types.EPUB, (types.EPUB,)),
    ("image/", PICTURES),
    ("application/vnd.openxmlformats-officedocument", OFFICE),
    ("application/vnd.oasis.opendocument", OFFICE),
    ("application/vnd.ms-", OFFICE),
    (types.DOC, OFFICE),
    (types.RTF, OFFICE),
    ("text/", TEXTS),
    ("message/", TEXTS),
    (types.MHTML, TEXTS),
    (types.JSON, TEXTS),
    (types.JSONL, TEXTS),
    (types.XML, TEXTS),
    ("application/yaml", TEXTS),
)


def kinds(said: object) -> Sequence[str]:
    """Media types that are read under the one that was said; none: it is not read.

    A family each: servers mix up JPEG and PNG, or old and new Office, and only what is in the file tells texts apart.
    """
    media_type = said.partition(";")[0].strip().lower() if isinstance(said, str) else ""
    if media_type in _UNSAID:
        return ANY
    if media_type.endswith(("+xml", "+json")):
        return TEXTS
    return next((family for begins, family in _BEGINNINGS if media_type.startswith(begins)), ())
