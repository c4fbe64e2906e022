"""The control words of RTF, read to paragraphs, cells and rows."""

import codecs
import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n\0]+|([^\\{}\r\n\0]+)|\\'?"
)
_SKIPPED = frozenset(
    b"colortbl pict object header headerl headerr headerf footer footerl footerr footerf fldinst nonshppict"
    b" comment doccomm operator company manager category keywords creatim revtim printim buptim".split()
)
_READ_ANYWAY = frozenset(
    b"listtext pntext shpinst shptxt".split()
)  # behind a mark that lets readers skip them
_COLLECTED = frozenset(b"title author fonttbl stylesheet".split())
_LETTERS = {
    b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"bullet": "•", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
_ENDS = {
    b"par": "paragraph", b"sect": "paragraph", b"page": "paragraph", b"cell": "cell", b"nestcell": "cell",
    b"row": "row", b"nestrow": "row",
}  # fmt: skip
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_MOST_GROUPS = 10_000  # groups in groups; a sound file has some dozen


class Ended(NamedTuple):
    """A paragraph, cell or row that has ended: its text, heading level (0: none) and list marker."""

    kind: str
    text: str
    level: int
    marker: str
    in_table: bool


@dataclass(slots=True)
class _Group:
    """What holds until the closing brace: where text goes ("": the document), and how it is read."""

    goes_to: str = ""
    skipped: bool = False
    hidden: bool = False
    code_page: str = ""
    after_unicode: int = 1  # letters to pass over behind a letter given by its number


@dataclass(slots=True)
class Reader:
    """Reads a file; then `ended` has the parts of the text, `info` title and author."""

    ended: list[Ended] = field(default_factory=list)
    info: dict[str, str] = field(default_factory=dict)
    _code_page: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _styles: dict[int, int] = field(default_factory=dict)
    _group: _Group = field(default_factory=_Group)
    _outer: list[_Group] = field(default_factory=list)
    _texts: dict[str, list[str]] = field(default_factory=dict)
    _raw: bytearray = field(default_factory=bytearray)  # bytes of the code page, not yet read as letters
    _ignorable: bool = False
    _pass_over: int = 0
    _font: int = 0
    _style: int = 0
    _level: int = 0
    _in_table: bool = False

    def read(self, data: bytes) -> None:
        """Raises ValueError where groups are nested beyond all use."""
        at = 0
        while (match := _TOKEN.match(data, at)) and match.end() > at:
            at = match.end()
            word, number, code, symbol, brace, letters = match.groups()
            if code or letters:
                self._bytes(bytes.fromhex(code.decode()) if code else letters)
                continue
            if word == b"bin":
                at += max(int(number or 0), 0)
            elif brace:
                self._brace(brace)
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol == b"*":
                self._ignorable = True
            elif symbol:
                self._write(_SYMBOLS.get(symbol, ""))
        self._end("paragraph")

    def _brace(self, brace: bytes) -> None:
        self._flush()
        if brace == b"{":
            if len(self._outer) > _MOST_GROUPS:
                raise ValueError("its groups are nested too deeply")
            self._outer.append(self._group)
            self._group = replace(self._group)
        else:
            goes_to = self._group.goes_to
            self._group = self._outer.pop() if self._outer else self._group
            if goes_to == "stylesheet" or (goes_to and self._group.goes_to != goes_to):
                self._collected(goes_to)

    def _word(self, word: bytes, number: int | None) -> None:
        ignorable, self._ignorable = self._ignorable, False
        if word in _LETTERS:
            self._write(_LETTERS[word])
        elif word == b"u" and number is not None:
            self._write(chr(number % 65536))
            self._pass_over = self._group.after_unicode
        elif word in _ENDS:
            if not (self._group.skipped or self._group.goes_to):
                self._end(_ENDS[word])
        elif word in _SKIPPED or (ignorable and word not in _READ_ANYWAY):
            self._flush()
            self._group.skipped = True
        elif word in _COLLECTED:
            self._flush()
            self._group.goes_to = word.decode()
        else:
            self._property(word, number if number is not None else 1)

    def _property(self, word: bytes, number: int) -> None:
        """What a word says of the letters and paragraphs to come."""
        group = self._group
        if word in (b"f", b"v", b"ansicpg", b"fcharset", b"plain"):
            self._flush()
        if word == b"pard":
            self._style = self._level = 0
            self._in_table = False
        elif word == b"s":
            self._style = number
        elif word == b"outlinelevel":
            self._level = number + 1 if number < 9 else 0
        elif word == b"intbl":
            self._in_table = True
        elif word == b"uc":
            group.after_unicode = min(max(number, 0), 10)
        elif word in (b"v", b"plain"):
            group.hidden = word == b"v" and number != 0
        elif word == b"f":
            self._font, group.code_page = number, self._fonts.get(number, "")
        elif word == b"fcharset" and number in _CHARSETS:
            self._fonts[self._font] = _CHARSETS[number]
        elif word == b"ansicpg":
            self._code_page = _known(f"cp{number}")

    def _bytes(self, letters: bytes) -> None:
        passed = min(self._pass_over, len(letters))
        self._pass_over -= passed
        if not self._group.skipped:
            self._raw += letters[passed:]

    def _write(self, text: str) -> None:
        self._flush()
        if not (self._group.skipped or self._group.hidden):
            self._texts.setdefault(self._group.goes_to, []).append(text)

    def _flush(self) -> None:
        if self._raw:
            text = self._raw.decode(self._group.code_page or self._code_page, "replace")
            self._raw.clear()
            self._write(text)

    def _end(self, kind: str) -> None:
        self._flush()
        text = _paired("".join(self._texts.pop("", [])))
        marker = "".join(self._texts.pop("listtext", []) + self._texts.pop("pntext", [])).strip()
        marker = f"{marker} " if marker[:1].isalnum() or marker[:1] == "(" else "- " if marker else ""
        level = min(self._level or self._styles.get(self._style, 0), 6)
        self.ended.append(Ended(kind, text, level, marker, self._in_table))
        if kind == "row":
            self._in_table = False

    def _collected(self, goes_to: str) -> None:
        """Take in the text of a group that is no part of the document."""
        if goes_to in ("listtext", "pntext"):
            return
        text = _paired("".join(self._texts.pop(goes_to, [])))
        if goes_to in ("title", "author"):
            self.info[goes_to] = " ".join(text.split())
        elif goes_to == "stylesheet":
            if match := _HEADING.search(text):
                self._styles[self._style] = int(match[1])
            self._style = self._level = 0


def read_rtf(data: bytes) -> Reader:
    """The parts of an RTF file."""
    reader = Reader()
    reader.read(data)
    return reader


def _paired(text: str) -> str:
    """`text` with letters that are given as two halves put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _known(code_page: str) -> str:
    try:
        return codecs.lookup(code_page).name
    except LookupError:
        return "cp1252"
