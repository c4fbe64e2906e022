"""LaTeX to blocks."""

import re
from collections.abc import Iterator

from tools.parse.assemble import assemble, clean, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.latex.inline import braced_end, inline
from tools.parse.media_types import LATEX

_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_CODE = ("verbatim", "verbatim*", "lstlisting", "minted", "Verbatim", "alltt", "comment")
_MATH = ("equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat")
_TABLES = ("tabular", "tabularx", "tabular*", "longtable", "tabulary", "supertabular", "tblr", "xltabular")
_UNREAD = ("tikzpicture", "filecontents", "filecontents*", "pgfpicture", "picture")
_LISTS = ("itemize", "enumerate", "description", "compactitem", "compactenum")
_RAW = re.compile(rf"\\begin\{{({'|'.join(map(re.escape, (*_CODE, *_UNREAD)))})\}}(?:\[[^\]\n]{{0,300}}\])?")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n?[ \t]*")
_MARKS = re.compile(
    r"\\(?P<head>part|chapter|(?:sub){0,2}section|(?:sub)?paragraph|caption|captionof\{\w+\}|frametitle)\*?(?:\[[^\]\n]{0,300}\])?\{"
    r"|\\begin\{(?P<begin>[a-zA-Z]{1,30}\*?)\}|\\end\{(?P<end>[a-zA-Z]{1,30}\*?)\}"
    r"|(?P<item>\\item(?![a-zA-Z])[ \t]*(?:\[(?P<term>[^\]\n]{0,200})\])?)|(?P<gap>\n[ \t]*\n\s*)|\x01(?P<raw>\d+)\x01"
)
_MACRO = re.compile(
    r"\\(?:re)?newcommand\*?\{?\\([a-zA-Z]{1,40})\}?\{([^{}\\]{1,200})\}|\\def\\([a-zA-Z]{1,40})\{([^{}\\]{1,200})\}"
)
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|cline\{[^{}]*\}|cmidrule(?:\([^)]*\))?\{[^{}]*\})"
)
_SPANNED = re.compile(r"\\multi(?:column|row)\s*\{(\d{0,2})[^{}]*\}\s*\{[^{}]*\}\s*")
_DEEPEST = 12  # lists in lists that are shown by their indent
_TAKES = {"tabularx": 2, "tabular*": 2, "tabulary": 2, "xltabular": 2}  # groups behind the name of a table


def parse_latex(name: str, data: bytes) -> Document:
    """Headings, paragraphs, lists, tables, captions, code; formulas as they are written, other files left out."""
    source, raw = _without_raw(clean(decode(data)))
    source = _COMMENT.sub(r"\1", source)
    _, found, body = source.partition("\\begin{document}")
    body = (body if found else source).partition("\\end{document}")[0]
    macros = {match[1] or match[3]: match[2] or match[4] for match in _MACRO.finditer(source)}
    if macros:
        names = "|".join(sorted(macros, key=len, reverse=True))
        body = re.sub(rf"\\({names})(?![a-zA-Z])(?:\{{\}})?", lambda match: macros[match[1]], body)
    title, author = (_argument(source, command) for command in ("title", "author"))
    blocks = [Block("heading", title, 1)] if title and "\\maketitle" in body else []
    blocks += _blocks(body, raw)
    return assemble(
        title or title_of(name, blocks), LATEX, blocks, metadata={"author": author} if author else {}
    )


def _without_raw(source: str) -> tuple[str, list[str]]:
    """The source with numbered marks in place of what must be read as it stands, and that."""
    raw: list[str] = []
    kept: list[str] = []
    at = 0
    while match := _RAW.search(source, at):
        closing = f"\\end{{{match[1]}}}"
        end = source.find(closing, match.end())
        if end < 0:
            break
        kept += [source[at : match.start()], f"\x01{len(raw)}\x01"]
        raw.append("" if match[1] in _UNREAD or match[1] == "comment" else source[match.end() : end])
        at = end + len(closing)
    return "".join([*kept, source[at:]]), raw


def _argument(source: str, command: str) -> str:
    """What a command of the preamble gives, on one line."""
    match = re.search(rf"\\{command}(?:\[[^\]]*\])?\{{", source)
    if not match:
        return ""
    text = re.sub(r"\\thanks\{[^{}]*\}|\\and\b", " ", source[match.end() : braced_end(source, match.end())])
    return " ".join(inline(text).split())


def _blocks(body: str, raw: list[str]) -> Iterator[Block]:
    """The blocks of the text between the commands that begin or end one."""
    at = 0
    lists: list[tuple[str, int]] = []  # name and number of the last item, from the outermost list on
    items: list[str] = []
    while match := _MARKS.search(body, at):
        yield from _said(body[at : match.start()], lists, items)
        at = match.end()
        name = match["begin"] or match["end"] or ""
        if match["item"] is not None and lists:
            kind, number = lists[-1]
            lists[-1] = (kind, number + 1)
            term = f"{inline(match['term'])}: " if match["term"] else ""
            items.append(
                "  " * min(len(lists) - 1, _DEEPEST) + (f"{number + 1}. " if "enum" in kind else "- ") + term
            )
        elif name in _LISTS:
            yield from _list_edge(match, name, lists, items)
        elif match["begin"] and (name in _TABLES or name.rstrip("*") in _MATH):
            block, at = _enclosed(body, at, name)
            yield from _placed(block, lists, items)
        elif match["head"]:
            end = braced_end(body, at)
            yield _headed(match["head"], body[at:end])
            at = end + 1
        elif match["raw"] is not None and int(match["raw"]) < len(raw):
            yield from _placed(Block("code", raw[int(match["raw"])]), lists, items)
        elif match["begin"] == "abstract":
            yield Block("heading", "Abstract", 2)
        elif match["begin"]:
            at = _behind_options(body, at)
    yield from _said(body[at:], lists, items)
    yield Block("list", "\n".join(items))


def _said(text: str, lists: list[tuple[str, int]], items: list[str]) -> Iterator[Block]:
    """Text between two marks: a paragraph, or more of the last item of the list that is open."""
    said = " ".join(inline(text).split())
    if not said:
        return
    if not lists or not items:
        yield Block("paragraph", said)
    elif items[-1].endswith((". ", "- ", ": ")):
        items[-1] += said
    else:
        items.append("  " * min(len(lists), _DEEPEST) + said)


def _list_edge(
    match: re.Match[str], name: str, lists: list[tuple[str, int]], items: list[str]
) -> Iterator[Block]:
    if match["begin"]:
        lists.append((name, 0))
    elif lists:
        lists.pop()
    if not lists:
        yield Block("list", "\n".join(items))
        items.clear()


def _placed(block: Block, lists: list[tuple[str, int]], items: list[str]) -> Iterator[Block]:
    """A block, in the item that is open where there is one."""
    if lists and items:
        items += ["  " * min(len(lists), _DEEPEST) + line for line in block.text.split("\n") if line.strip()]
    else:
        yield block


def _headed(command: str, text: str) -> Block:
    if command.startswith("caption"):
        return Block("caption", inline(text))
    return Block("heading", inline(text), _LEVELS.get(command, 2))


def _enclosed(body: str, at: int, name: str) -> tuple[Block, int]:
    """The table or formula that begins at `at`, and the place behind it."""
    closing = f"\\end{{{name}}}"
    end = body.find(closing, at)
    end = len(body) if end < 0 else end
    inside = body[at:end]
    if name not in _TABLES:
        formula = re.sub(r"\\label\{[^{}]*\}", "", inside).strip()
        return Block("code", formula), end + len(closing)
    for _ in range(_TAKES.get(name, 1)):
        inside = re.sub(r"\A\s*(?:\[[^\]]*\])?\s*", "", inside)
        if inside.startswith("{"):
            inside = inside[braced_end(inside, 1) + 1 :]
    rows = [
        _cells(line) for line in re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", _RULES.sub("", inside))
    ]
    return Block("table", "\n".join(" | ".join(row) for row in rows if any(row))), end + len(closing)


def _cells(line: str) -> list[str]:
    cells: list[str] = []
    for cell in re.split(r"(?<!\\)&", line):
        spanned = re.search(r"\\multicolumn\s*\{(\d{1,2})", cell)
        cells.append(" ".join(inline(_SPANNED.sub("", cell)).split()))
        cells += [""] * (int(spanned[1]) - 1 if spanned else 0)
    return cells


def _behind_options(body: str, at: int) -> int:
    """The place behind the options of an environment."""
    match = re.compile(r"(?:\[[^\]\n]{0,300}\])?").match(body, at)
    return match.end() if match else at
