"""What hangs on a paragraph of a Word file: text boxes, pictures, charts, diagrams and notes."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.parse.document import Block
from tools.parse.office.alt_text import alt_text
from tools.parse.office.drawings import chart_blocks, diagram_blocks
from tools.parse.word.styles import W
from tools.parse.word.text import is_read, paragraph_text
from tools.parse.xml.tree import read_xml

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"
_SHAPE = "{urn:schemas-microsoft-com:vml}shape"

Notes = Mapping[tuple[str, str], str]  # (tag of the reference, id) to text


def read_notes(part: Any) -> Notes:
    """Footnotes and endnotes."""
    notes: dict[tuple[str, str], str] = {}
    for kind in ("footnote", "endnote"):
        for relation in part.rels.values():
            if relation.is_external or not relation.reltype.endswith(f"/{kind}s"):
                continue
            for note in read_xml(relation.target_part.blob).iterfind(f"{W}{kind}"):
                text = " ".join(paragraph_text(paragraph) for paragraph in note.iter(f"{W}p"))
                notes[f"{W}{kind}Reference", note.get(f"{W}id", "")] = text
    return notes


def anchored(paragraph: Any, part: Any, notes: Notes) -> Iterator[Any]:
    """Blocks, and the contents of text boxes as XML, in the order in which a paragraph names them."""
    stack = list(reversed(paragraph))
    while stack:
        node = stack.pop()
        if node.tag == f"{W}txbxContent":
            yield node
        elif text := notes.get((node.tag, node.get(f"{W}id", "")), "") if isinstance(node.tag, str) else "":
            yield Block("paragraph", text)
        elif node.tag in (_CHART, _DIAGRAM):
            yield from _object(node, part)
        elif is_read(node):
            if node.tag in (f"{W}drawing", _SHAPE):
                yield from (Block("image", text) for text in _pictures(node))
            stack.extend(reversed(node))


def _object(node: Any, part: Any) -> Iterator[Block]:
    relation = part.rels.get(node.get(f"{_R}id") or node.get(f"{_R}dm"))
    if relation is not None and not relation.is_external:
        root = read_xml(relation.target_part.blob)
        yield from chart_blocks(root) if node.tag == _CHART else diagram_blocks(root)


def _pictures(drawing: Any) -> list[str]:
    """What the pictures of a drawing are said to show, each once."""
    if drawing.tag == _SHAPE:
        texts = [alt_text(drawing)]
    else:
        inner = [alt_text(node) for picture in drawing.iter(_PICTURE) for node in picture[0][:1]]
        outer = [alt_text(node) for node in drawing.iterfind("*/{*}docPr")]
        texts = [*(outer if inner else []), *inner]
    return list(dict.fromkeys(filter(None, texts)))
