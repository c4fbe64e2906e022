"""The commands inside a line of LaTeX, taken off; formulas stay as they are written."""

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "c": "\u0327", "k": "\u0328", "d": "\u0323",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "l": "ł",
    "L": "Ł", "i": "i", "j": "j", "S": "§", "P": "¶", "pounds": "£", "euro": "€", "EUR": "€", "copyright": "©",
    "dag": "†", "ldots": "…", "dots": "…", "textellipsis": "…", "textendash": "–", "textemdash": "—",
    "LaTeX": "LaTeX", "TeX": "TeX", "textbackslash": "\\", "textasciitilde": "~", "textbar": "|", "textless": "<",
    "textgreater": ">", "degree": "°", "textquotedblleft": "“", "textquotedblright": "”", "slash": "/", "quad": " ",
    "qquad": " ", "newline": "\n",
}  # fmt: skip
_ONE = r"\{[^{}]{0,1000}\}"
_FORMULA = re.compile(
    r"(?<!\\)(?:\$\$(?:[^$]{1,3000})\$\$|\$(?:\\\$|[^$]){1,1000}\$|\\\((?:.{1,1000}?)\\\)|\\\[(?:.{1,3000}?)\\\])",
    re.DOTALL,
)
# Commands that only point elsewhere or set how the page looks.
_SILENT = re.compile(
    r"[~ ]?\\(?!href|hyperref)(?:cite\w*|\w*cite|ref|[a-zA-Z]*ref|label|index|nocite|bibliography\w*|addbibresource"
    r"|vspace|hspace|input|include"
    r"|includegraphics|usepackage|pagestyle|thispagestyle|setlength|addtolength|setcounter|addcontentsline|glsadd|hypersetup"
    rf"|newcommand|renewcommand|fontsize|color|pagenumbering|graphicspath)\*?(?:\[[^\]]{{0,500}}\]){{0,3}}(?:{_ONE})+"
)
_LINK = re.compile(
    rf"\\href\s?{_ONE}|\\(?:textcolor|colorbox|hyperlink|parbox|raisebox)(?:\[[^\]]*\])?{_ONE}(?=\{{)"
)
_ACCENT = re.compile(r"\\([`'^~=.\"]|[urHvckd](?![a-zA-Z]))\s?(?:\{\\?([a-zA-Z])\}|\\?([a-zA-Z]))")
_COMMAND = re.compile(r"\\([a-zA-Z@]{1,40})\*?(?:\[[^\[\]]{0,300}\])?[ \t]?")
_SIGNS = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "))
_MARK = "\x00"


def inline(text: str) -> str:
    """`text` as it reads."""
    formulas: list[str] = []

    def keep(match: re.Match[str]) -> str:
        formulas.append(match[0])
        return _MARK

    text = _FORMULA.sub(keep, text.replace(_MARK, ""))
    text = _SILENT.sub("", text).replace("\\footnote{", " (\\footnote{")
    text = _footnotes(text) if "\\footnote{" in text else text
    text = _ACCENT.sub(_accented, _LINK.sub("", text))
    text = re.sub(r"\\\\(?:\[[^\]]{0,30}\])?", "\n", text)
    text = _COMMAND.sub(lambda match: _LETTERS.get(match[1], ""), text)
    for sign, shown in _SIGNS:
        text = text.replace(sign, shown)
    text = re.sub(r"\\([,;: !/@-])", lambda match: " " if match[1] in ",;: " else "", text)
    text = re.sub(r"\\([{}])|[{}]", r"\1", text)
    text = re.sub(r"\\([&%$#_])", r"\1", text)
    left = iter(formulas)
    return re.sub(_MARK, lambda _: next(left, ""), text)


def _accented(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", (match[2] or match[3]) + _ACCENTS[match[1]])


def _footnotes(text: str) -> str:
    """Footnotes in round brackets at their place."""
    parts = text.split("\\footnote{")
    read = [parts[0]]
    for part in parts[1:]:
        end = braced_end(part, 0)
        read.append(part[:end] + ")" + part[end + 1 :])
    return "".join(read)


def braced_end(text: str, start: int) -> int:
    """Where the brace that is open at `start` closes; the end of the text where it does not."""
    depth = 1
    for match in re.finditer(r"\\.|[{}]", text[start : start + 20_000], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return start + match.start()
    return min(len(text), start + 20_000)
