"""The marks inside a line of AsciiDoc, taken off."""

import re
from collections.abc import Mapping

_MACROS = (
    (re.compile(r"\bpass:[a-z,]*\[([^\]]*)\]|\+\+\+(.+?)\+\+\+"), r"\1\2"),
    (
        re.compile(
            r"\b(?:indexterm2?|anchor|bibanchor):[^\s\[]*\[[^\]]*\]|\(\(\([^()]*\)\)\)|\[\[[^\]]*\]\]"
        ),
        "",
    ),
    (re.compile(r"\(\(([^()]+)\)\)"), r"\1"),
    (re.compile(r"\b(?:image|icon):[^\s\[:]+\[(?:alt=)?\"?([^\],\"]*)[^\]]*\]"), r"\1"),
    (re.compile(r"\s*\bfootnote(?:ref)?:[^\s\[]*\[([^\]]+)\]"), r" (\1)"),
    (re.compile(r"\bmenu:([^\[\n]+)\[([^\]]*)\]"), r"\1 › \2"),
    (re.compile(r"\b(?:kbd|btn|stem|latexmath|asciimath):\[((?:\\\]|[^\]])*)\]"), r"\1"),
    (re.compile(r"<<[^<>,]*,\s*([^<>]+)>>"), r"\1"),
    (re.compile(r"<<#?([^<>,]+)>>"), r"\1"),
    (re.compile(r"\b(?:link|xref|mailto):([^\s\[]+)\[\]|\b((?:https?|ftp)://[^\s\[\]<>]+)\[\]"), r"\1\2"),
    (
        re.compile(
            r"(?:\b(?:link|xref|mailto):|\b(?=(?:https?|ftp)://))[^\s\[\]<>]+\[\"?([^\]]+?)(?:\^|\"?,[^\]]*)?\"?\]"
        ),
        r"\1",
    ),
)
_ROLE = re.compile(r"(?<!\w)\[[.#%\w -]*\](?=[#*_`])")
# Doubled marks stand anywhere, single ones only around words.
_MARKS = (
    re.compile(r"(\*\*|__|``|##)(?=\S)(.+?)(?<=\S)\1", re.DOTALL),
    re.compile(r"(?<![\w\\:;}*_`#])([*_`#+])(?=[^\s*_`#+])([^\n]*?(?:\n[^\n]+?)*?)(?<=\S)\1(?!\w)"),
    re.compile(r"([\^~])(\S+?)\1"),
)
_NAMED = {
    "nbsp": " ", "sp": " ", "empty": "", "blank": "", "amp": "&", "lt": "<", "gt": ">", "plus": "+", "vbar": "|",
    "apos": "'", "quot": '"', "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "asterisk": "*", "zwsp": "",
    "startsb": "[", "endsb": "]", "two-colons": "::", "deg": "°", "backslash": "\\", "tilde": "~", "caret": "^",
}  # fmt: skip
_ATTRIBUTE = re.compile(r"(?<!\\)\{([\w-]+)\}")
_HARD_BREAK = re.compile(r"[ \t]\+[ \t]*$", re.MULTILINE)


def inline(text: str, attributes: Mapping[str, str]) -> str:
    """`text` as it reads, with the attributes of the page put in."""
    text = _HARD_BREAK.sub("", filled(text, attributes))
    for pattern, shown in _MACROS:
        text = pattern.sub(shown, text)
    text = _ROLE.sub("", text)
    for pattern in _MARKS:
        text = pattern.sub(r"\2", text)
    return re.sub(r"\\([*_`#{\[<^~])", r"\1", text)


def filled(text: str, attributes: Mapping[str, str]) -> str:
    """`text` with the names in braces that the page or the language gives a value."""
    return _ATTRIBUTE.sub(lambda match: attributes.get(match[1], _NAMED.get(match[1], match[0])), text)
